import type { ExportedFile, ExportedModel } from './exported-model.ts';
import { tfjsModel } from './layers/tfjs-model.ts';
import { layersFolder } from './layers-folder.ts';
import { describeLayers } from './layers-readme.ts';
import { openLayers } from './open-layers.ts';
import { packageVersions } from './package-versions.ts';

/**
 * Exports a LayersModel of TF.js, to go on training.
 * @throws as openLayers
 */
export async function exportTfjsFolder(model: ExportedModel): Promise<ExportedFile[]> {
  const files = tfjsModel(openLayers(model, 'tfjs'), model.name);
  return layersFolder(model, { files, template: 'predict-tfjs.mjs', example: 'predict.mjs', readme });
}

function readme(model: ExportedModel, example: string): string {
  return `# ${model.name}@${model.version}

\`model.json\` is the complete classifier as a LayersModel of TensorFlow.js, with its weights in the files beside it. It
has layers of \`@tensorflow/tfjs\` ${packageVersions['@tensorflow/tfjs-layers']} alone.

${describeLayers(model)}

## Predict

\`predict.mjs\`, with \`npm install @tensorflow/tfjs\`:

\`\`\`js
${example}\`\`\`

\`\`\`js
const predict = await openModel('model.json', await (await fetch('card.json')).json());
console.log(await predict(document.querySelector('img')));
\`\`\`

## Go on training

\`\`\`js
const model = await tf.loadLayersModel('model.json');
for (const layer of model.layers.slice(0, -2)) layer.trainable = false; // All but the last layer with weights.
model.compile({ optimizer: tf.train.adam(1e-4), loss: '${model.card.task === 'multi-label' ? 'binaryCrossentropy' : 'categoricalCrossentropy'}', metrics: ['accuracy'] });
await model.fit(images, targets, { epochs: 5 });
\`\`\`

Licences: see NOTICE.
`;
}
