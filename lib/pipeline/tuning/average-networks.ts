/** The average of a head on frozen features and of a fine-tuned network, as one network. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { concatenate } from '../../backbones/layers/functional.ts';
import { stack } from '../../freezing/cut-model.ts';
import type { CutAt } from '../../freezing/cut-plan.ts';
import { openFrozenStages } from '../../freezing/open-tail.ts';
import type { LogitScaling } from '../../training/calibration/logit-scaling.ts';
import type { LabelledLogits } from '../../training/metrics/labelled-logits.ts';
import type { FineTunedNetwork, Network, TrainedHead } from '../network.ts';
import { zeroHead } from '../open-network.ts';
import type { TrainingContext } from '../training-context.ts';

/** The share of each network in the average. */
const HALF = 0.5;

/** For both networks, the scaling that calibrates its logits. */
export interface Scalings {
  readonly frozen: LogitScaling;
  readonly tuned: LogitScaling;
}

/** Averages the calibrated logits of two networks for the same images. */
export function averageLogits(first: LabelledLogits, second: LabelledLogits): LabelledLogits {
  return { ...first, logits: first.logits.map((logit, i) => HALF * (logit + (second.logits[i] ?? 0))) };
}

/**
 * Joins a head on all stages and a fine-tuned network to one network, which averages their calibrated logits. It takes
 * the features at the cut of the fine-tuned network. The layers after the cut are computed twice: frozen and fine-tuned.
 * @param frozen its head takes the vector of all stages
 * @param tuned its features carry the stages before the cut (`TuningPlan.carriesStages`)
 * @throws as openFrozenStages
 */
export async function averageNetworks(
  frozen: TrainedHead,
  tuned: FineTunedNetwork,
  scalings: Scalings,
  context: TrainingContext,
): Promise<FineTunedNetwork> {
  const cut: CutAt = tuned.trunk.cut === 'images' ? 'images' : { layer: tuned.trunk.cut };
  const join = async (head: Network, network: Network): Promise<Network> => {
    const { job, world, jobContext } = context;
    const stages = await openFrozenStages(job.spec.backbone, cut, world.store, jobContext.signal);
    return joinNetworks(stack(stages, head.head), network.model, scalings, context);
  };
  return {
    ...tuned,
    ...(await join(frozen, tuned)),
    async retrain(options) {
      return join(await frozen.retrain(options), await tuned.retrain(options));
    },
  };
}

/** One network from two that take the same features: its last layer averages their calibrated logits. */
async function joinNetworks(
  frozen: tfl.LayersModel,
  tuned: tfl.LayersModel,
  scalings: Scalings,
  context: TrainingContext,
): Promise<Network> {
  const features = tfl.input({ shape: tuned.inputs[0]?.shape.slice(1) ?? [], name: 'features' });
  const logits = [named('frozen', frozen), named('tuned', tuned)].map((network) => network.apply(features));
  const symbolic = logits.filter((output) => output instanceof tfl.SymbolicTensor);
  const both = tfl.model({ inputs: features, outputs: concatenate(symbolic, 'both_logits') });
  const head = zeroHead([scalings.frozen.scales.length * symbolic.length], context);
  averageIn(head, scalings);
  const model = stack(both, head);
  return { network: await context.engine.open(model), model, head };
}

/** The same model under a name: the two models have layers of equal names, which only their own names tell apart. */
function named(name: string, { inputs, outputs }: tfl.LayersModel): tfl.LayersModel {
  return tfl.model({ inputs, outputs, name });
}

/** Sets the weights of a linear head on the logits of two networks, [2 * classes], to their calibrated average. */
function averageIn(head: tfl.LayersModel, { frozen, tuned }: Scalings): void {
  const classes = frozen.scales.length;
  tf.tidy(() => {
    const kernel = tf.buffer([2 * classes, classes]);
    for (const [network, { scales }] of [frozen, tuned].entries())
      for (const [label, scale] of scales.entries()) kernel.set(HALF * scale, network * classes + label, label);
    const bias = frozen.offsets.map((offset, label) => HALF * (offset + (tuned.offsets[label] ?? 0)));
    head.setWeights([kernel.toTensor(), tf.tensor1d(bias)]);
  });
}
