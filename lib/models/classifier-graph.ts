import * as tfl from '@tensorflow/tfjs-layers';
import type { NoveltyOmitted } from '../contracts/novelty.ts';
import { RuntimeError } from '../errors.ts';
import { carriesStages, type Trunk } from '../features/trunk.ts';
import { exportNovelty } from '../onnx/export-novelty.ts';
import { exportOnnx } from '../onnx/export-onnx.ts';
import { joinOnnx, type OnnxBranch } from '../onnx/join-onnx.ts';
import type { Task } from '../training/losses/loss.ts';
import type { NoveltyDetector } from '../training/novelty/fit-novelty.ts';
import { bypassColumns } from './bypass-columns.ts';
import { NOVELTY_OUTPUT, servedNames } from './served-package.ts';

interface Classifier {
  readonly trunk: Trunk;
  /** Maps the trunk's features to logits. */
  readonly network: tfl.LayersModel;
  readonly task: Task;
  readonly novelty: NoveltyDetector | NoveltyOmitted | undefined;
}

/**
 * Joins trunk, head, output activation and novelty score in one ONNX graph.
 * @returns the bytes of a model from images to probabilities
 */
export function classifierGraph({ trunk, network, task, novelty }: Classifier): Uint8Array {
  const head = exportOnnx(withProbabilities(network, task), { inputName: 'features', outputName: servedNames.output });
  const joined = joinOnnx(trunk.onnx, head, servedNames, noveltyBranch({ novelty, trunk }));
  return carriesStages(trunk) ? bypassColumns(joined) : joined;
}

/** Adds the output activation: softmax if the labels exclude each other, sigmoid otherwise. */
function withProbabilities(network: tfl.LayersModel, task: Task): tfl.LayersModel {
  const activation = task === 'single-label' ? 'softmax' : 'sigmoid';
  const [logits] = network.outputs;
  const probabilities = logits && tfl.layers.activation({ activation, name: 'probabilities' }).apply(logits);
  if (!(probabilities instanceof tfl.SymbolicTensor)) throw new RuntimeError('NETWORK_WITHOUT_OUTPUT', { at: network.name });
  // A fixed name. TF.js would number the models of this process, so that the same job would give different bytes.
  return tfl.model({ inputs: network.inputs, outputs: probabilities, name: 'classifier' });
}

/** The novelty score as a further output of the served graph; none if the model has no score. */
function noveltyBranch({ novelty, trunk }: Pick<Classifier, 'novelty' | 'trunk'>): OnnxBranch[] {
  if (novelty === undefined || 'omitted' in novelty) return [];
  return [{ onnx: exportNovelty(novelty, trunk.featureShape, NOVELTY_OUTPUT), output: NOVELTY_OUTPUT }];
}
