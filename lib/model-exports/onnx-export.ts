import { noveltyThreshold } from '../contracts/novelty.ts';
import type { PrecisionCheck } from '../contracts/precision.ts';
import { counted, percent } from '../format.ts';
import { PROBABILITY_TOLERANCES } from '../models/probability-tolerances.ts';
import { describeFit } from './describe-fit.ts';
import type { ExportedFile, ExportedModel } from './exported-model.ts';
import { noticeFiles } from './notice.ts';
import { packageVersions } from './package-versions.ts';
import { jsonFile, templateFile } from './template-file.ts';

/** Exports the ONNX file with examples for Node, browsers and Python. */
export async function exportOnnxFolder(model: ExportedModel): Promise<ExportedFile[]> {
  const node = await templateFile('predict-node.mjs', 'predict.mjs');
  const python = await templateFile('predict.py');
  const browser = await templateFile('predict-browser.mjs');
  return [
    { name: 'model.onnx', content: model.onnx },
    jsonFile('labels.json', model.card.labels),
    { name: 'card.json', content: model.cardJson },
    await templateFile('fit-to-input.mjs'),
    await templateFile('session-options.mjs'),
    node,
    python,
    browser,
    { name: 'README.md', content: readme(model, { node: node.content, browser: browser.content, python: python.content }) },
    ...(await noticeFiles(model)),
  ];
}

/** Says what less precision costs, in one sentence. */
function describePrecision({ precision, metric, before, after, images, sameLabel }: PrecisionCheck): string {
  const named = metric === 'accuracy' ? 'accuracy' : 'mean average precision';
  return `${precision}. On ${counted(images, 'test image')}, ${named} is ${percent(after)}, and ${percent(before)} in float32;
  ${percent(sameLabel)} have the same most probable label.`;
}

interface Examples {
  readonly node: string;
  readonly browser: string;
  readonly python: string;
}

function readme({ name, version, card, precision, backbone }: ExportedModel, { node, browser, python }: Examples): string {
  const { height, width } = card.input;
  const threshold = noveltyThreshold(card.novelty);
  const tolerance = PROBABILITY_TOLERANCES[precision?.precision === 'int8' || backbone.isInt8 ? 'int8' : 'float32'];
  const probabilities =
    precision === undefined
      ? `Graft's probabilities within ${tolerance}`
      : `the probabilities of this file in Graft's runtime within ${tolerance}.
Graft itself serves the model in float32, whose probabilities differ`;
  return `# ${name}@${version}

\`model.onnx\` is the complete classifier in standard ONNX operators, with the preprocessing inside.

- Input: float32 \`[N, ${height}, ${width}, 3]\`, RGB, 0 to 255.
- Output: float32 \`[N, ${card.labels.length}]\`, a probability for each label, in the order of \`labels.json\`.
${
  card.task === 'multi-label'
    ? '- An image can have several labels: it has those whose probability reaches their number in `thresholds` of `card.json`.\n'
    : ''
}${
  threshold !== undefined
    ? `- Output \`novelty\`: float32 \`[N]\`, how unlike each image is to those of the data set. Above ${threshold.toPrecision(3)}
  (\`novelty.threshold\` of \`card.json\`) it is unknown.
`
    : ''
}${
  card.task === 'one-class'
    ? '- Output `anomaly_map`: float32 `[N, rows, columns]`, how unlike each part of the image is. From 1, a part alone makes it unknown.\n'
    : ''
}${precision === undefined ? '' : `- Precision: ${describePrecision(precision)}\n`}
Before the model, an image is turned upright by its EXIF orientation, transparent pixels become white, and it is resized
to ${width} x ${height} pixels${describeFit(card.input)}: bilinear, with half-pixel centres and without
antialiasing, as \`tf.image.resize\` does. The resizing of image libraries differs, so each example has its own. From the
same pixels, all examples return ${probabilities}. Decoders differ by a few levels in JPEG, WebP and
AVIF, and convert colour profiles differently; then probabilities differ more.

## Node.js

\`\`\`sh
npm install onnxruntime-node@${packageVersions['onnxruntime-node']} sharp@${packageVersions.sharp}
node predict.mjs photo.jpg
\`\`\`

\`\`\`js
${node}\`\`\`

## Browser

\`npm install onnxruntime-web@${packageVersions['onnxruntime-web']}\`, and a bundler or an import map that finds it. \`predict-browser.mjs\`:

\`\`\`js
${browser}\`\`\`

## Python

\`\`\`sh
pip install onnxruntime pillow numpy
python predict.py photo.jpg
\`\`\`

\`\`\`python
${python}\`\`\`

Licences: see NOTICE.
`;
}
