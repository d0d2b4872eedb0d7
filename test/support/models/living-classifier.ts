import * as tfl from '@tensorflow/tfjs-layers';
import { findRow } from '../../../lib/backbones/find-row.ts';
import { apply, globalAveragePool } from '../../../lib/backbones/layers/functional.ts';
import type { ExportedModel } from '../../../lib/model-exports/exported-model.ts';
import { servedNames } from '../../../lib/models/served-package.ts';
import { exportOnnx } from '../../../lib/onnx/export-onnx.ts';
import { startTensorFlow } from '../../../lib/tensor/start-tensorflow.ts';
import { exportedModel } from './exported-model.ts';
import { type LivingBackbone, livingBackbone, samplePhotographs } from './living-backbone.ts';

/** A backbone with a linear head on its means, as `graft export` reads a model version. */
export async function livingClassifier(of: LivingBackbone): Promise<ExportedModel> {
  await startTensorFlow();
  const { inputSize } = of;
  const { model } = await livingBackbone(of, await samplePhotographs(4, [inputSize, inputSize]));
  const kernelInitializer = tfl.initializers.randomNormal({ stddev: 0.1, seed: 3 });
  const means = globalAveragePool(model.outputs[0]!, 'means');
  const logits = apply(tfl.layers.dense({ units: 3, kernelInitializer, name: 'logits' }), means);
  const outputs = apply(tfl.layers.activation({ activation: 'softmax', name: 'probabilities' }), logits);
  const classifier = tfl.model({ inputs: model.inputs, outputs });
  const { preprocessing } = findRow(of.name);
  const onnx = exportOnnx(classifier, { preprocessing, inputName: servedNames.input, outputName: servedNames.output });
  classifier.dispose();
  const plain = exportedModel();
  return { ...plain, onnx, card: { ...plain.card, input: { height: inputSize, width: inputSize, resize: 'bilinear' } } };
}
