import { noveltyThreshold } from '../contracts/novelty.ts';
import type { ExportedFile, ExportedModel } from './exported-model.ts';
import { noticeFiles } from './notice.ts';
import { packageVersions } from './package-versions.ts';
import { jsonFile, templateFile } from './template-file.ts';

/** Exports an npm package for Node.js with a typed function `predict`. */
export async function exportNpmPackage(model: ExportedModel): Promise<ExportedFile[]> {
  const notices = await noticeFiles(model);
  const index = await templateFile('npm-index.mjs', 'index.js');
  const resize = await templateFile('fit-to-input.mjs');
  const options = await templateFile('session-options.mjs');
  const files = [
    index,
    resize,
    options,
    { name: 'index.d.ts', content: declarations(model) },
    { name: 'model.onnx', content: model.onnx },
    { name: 'card.json', content: model.cardJson },
    { name: 'README.md', content: readme(model) },
    ...notices,
  ];
  return [jsonFile('package.json', manifest(model, files)), ...files];
}

/** The name cannot be that of a module of Node, and no public package is meant. */
function packageName({ name }: ExportedModel): string {
  return `${name}-model`;
}

function manifest(model: ExportedModel, files: readonly ExportedFile[]) {
  return {
    name: packageName(model),
    version: `${model.version}.0.0`,
    description: `The image classifier ${model.name}@${model.version}`,
    // Prevents publication by accident.
    private: true,
    license: 'SEE LICENSE IN NOTICE',
    type: 'module',
    exports: { types: './index.d.ts', default: './index.js' },
    files: files.map(({ name }) => name),
    engines: { node: '>=20.11' },
    dependencies: { 'onnxruntime-node': packageVersions['onnxruntime-node'], sharp: packageVersions.sharp },
  };
}

function declarations({ name, version, card }: ExportedModel): string {
  const union = [...new Set(card.labels)].map((label) => `\n  | ${JSON.stringify(label)}`).join('');
  const given = `
  /** Whether the probability reaches the threshold of the label. */
  readonly given: boolean;`;
  const novelty = `
  /** Whether the image is like those of the data set, as far as the model can say. */
  readonly known: boolean;
  /** How unlike them it is, from 0. The image is known up to \`novelty.threshold\` of card.json. */
  readonly unknownScore: number;`;
  return `/** The labels of ${name}@${version}. */
export type Label =${union};

export interface LabelProbability {
  readonly label: Label;
  /** From 0 to 1. */
  readonly probability: number;${card.task === 'multi-label' ? given : ''}
}

export interface Prediction {
  /** All labels, most probable first. */
  readonly labels: readonly [LabelProbability, ...LabelProbability[]];${noveltyThreshold(card.novelty) !== undefined ? novelty : ''}
}

/** All labels, in the order of the model's output. */
export declare const labels: readonly Label[];

/**
 * Predicts an image.
 * @param image the bytes of a JPEG, PNG, WebP, AVIF, GIF or TIFF file, or its path
 * @throws Error if the image cannot be read
 */
export declare function predict(image: Uint8Array | string): Promise<Prediction>;
`;
}

function readme(model: ExportedModel): string {
  const name = packageName(model);
  const novelty = noveltyThreshold(model.card.novelty) !== undefined;
  return `# ${name}

The image classifier ${model.name}@${model.version}, with ${model.card.labels.length} labels. It runs in Node.js and loads no other files.

\`\`\`sh
npm pack # In this folder.
npm install ./${name}-${model.version}.0.0.tgz # In your project.
\`\`\`

\`\`\`js
import { predict } from '${name}';

const { labels${novelty ? ', known' : ''} } = await predict('photo.jpg');
const [{ label, probability }] = labels;
\`\`\`

\`predict\` takes a path or the bytes of an image. \`labels\` has all labels, most probable first. TypeScript knows them: a
comparison with a label that does not exist is an error.
${novelty ? KNOWN : ''}
\`private\` in \`package.json\` prevents publication by accident. To publish the package to a registry of yours, give it a
name in your scope and remove \`private\`. Read NOTICE first: it names the licence of the pretrained weights.
`;
}

const KNOWN = `
\`known\` is false for an image unlike those of the data set, whose labels mean nothing. \`unknownScore\` is how unlike it is.
`;
