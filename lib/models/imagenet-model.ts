import * as tfl from '@tensorflow/tfjs-layers';
import { bundledFile } from '../backbones/bundled-file.ts';
import { openBackbone } from '../backbones/load-backbone.ts';
import { findWeightSource, type SourceOptions } from '../backbones/weight-source.ts';
import { imagenetModelName } from '../contracts/reference.ts';
import { RuntimeError } from '../errors.ts';
import { exportOnnx } from '../onnx/export-onnx.ts';
import { startTensors } from '../tensor/start-tensors.ts';
import { imagenetPrefix, readServedCard, servedNames, writeServedModel } from './served-package.ts';

/**
 * Prepares the model `imagenet.NAME` if it does not exist: a backbone with its own 1000-class top, as one ONNX graph.
 * @throws as findWeightSource; DataError WEIGHTS_MISMATCH
 */
export async function prepareImagenetModel(name: string, options: Omit<SourceOptions, 'top'>): Promise<void> {
  const { store } = options;
  if ((await readServedCard({ package: imagenetPrefix(name) }, store)) !== undefined) return;
  await startTensors();
  const source = await findWeightSource({ name }, { ...options, top: true });
  const { model, preprocessing, inputSize } = await openBackbone(source, { name, top: true });
  const [logits] = model.outputs;
  const probabilities = logits && tfl.layers.activation({ activation: 'softmax', name: 'probabilities' }).apply(logits);
  if (!(probabilities instanceof tfl.SymbolicTensor)) throw new RuntimeError('BACKBONE_WITHOUT_OUTPUT', { at: name });
  const classifier = tfl.model({ inputs: model.inputs, outputs: probabilities });
  const onnx = exportOnnx(classifier, { preprocessing, inputName: servedNames.input, outputName: servedNames.output });
  classifier.dispose();
  const labels: string[] = JSON.parse(new TextDecoder().decode(await bundledFile('imagenet-classes.json')));
  const [height, width] = inputSize;
  const card = {
    model: imagenetModelName(name),
    task: 'single-label' as const,
    labels,
    input: { height, width, resize: 'bilinear' as const },
  };
  await writeServedModel(imagenetPrefix(name), card, onnx, store);
}
