import type { ExportedFile, ExportedModel } from './exported-model.ts';
import { kerasFile } from './layers/keras-file.ts';
import { layersFolder } from './layers-folder.ts';
import { describeLayers } from './layers-readme.ts';
import { openLayers } from './open-layers.ts';

/**
 * Exports a `.keras` file, to go on training in Python.
 * @throws as openLayers
 */
export async function exportKerasFolder(model: ExportedModel): Promise<ExportedFile[]> {
  const content = await kerasFile(openLayers(model, 'keras'), model.name);
  const files = [{ name: 'model.keras', content }];
  return layersFolder(model, { files, template: 'predict-keras.py', example: 'predict.py', readme });
}

function readme(model: ExportedModel, example: string): string {
  return `# ${model.name}@${model.version}

\`model.keras\` is the complete classifier for Keras 3, on TensorFlow, JAX or PyTorch. It needs no custom objects.

${describeLayers(model)}

## Predict

\`\`\`sh
pip install keras jax pillow
KERAS_BACKEND=jax python predict.py photo.jpg
\`\`\`

\`\`\`python
${example}\`\`\`

## Go on training

\`\`\`python
model = keras.saving.load_model("model.keras")
for layer in model.layers[:-2]:
    layer.trainable = False  # All but the last layer with weights.
model.compile(keras.optimizers.Adam(1e-4), "${model.card.task === 'multi-label' ? 'binary_crossentropy' : 'categorical_crossentropy'}", metrics=["accuracy"])
model.fit(images, targets, epochs=5)
\`\`\`

Licences: see NOTICE.
`;
}
