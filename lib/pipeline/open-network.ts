import type { LayersModel } from '@tensorflow/tfjs-layers';
import { closeOnFailure } from '../close-on-failure.ts';
import type { Trunk } from '../features/trunk.ts';
import { stack } from '../freezing/cut-model.ts';
import { trainedStages } from '../freezing/cut-plan.ts';
import { openTail } from '../freezing/open-tail.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { buildHead, type HeadOptions } from '../heads/build-head.ts';
import { disposeWeights } from '../training/layers-model/dispose-weights.ts';
import { leafLayers } from '../training/layers-model/leaf-layers.ts';
import type { TailLayers } from '../training/tail-phases.ts';
import type { Network } from './network.ts';
import { openTrainable } from './open-trainable.ts';
import type { HeadTraining } from './retraining.ts';
import { type TrainingContext, taskOf } from './training-context.ts';

/** A network before its training. */
export interface OpenedNetwork extends Network {
  /** The layers that will train. */
  readonly layers: TailLayers;
}

/**
 * Opens a network from the features at the plan's cut to logits. Its head is new, or starts with the weights of a
 * trained head.
 * @param head the trained head; undefined for a new one
 * @throws as openTail, openTrainable
 */
export async function openNetwork(
  plan: Plan,
  trunk: Trunk,
  head: LayersModel | undefined,
  context: TrainingContext,
  training?: HeadTraining,
): Promise<OpenedNetwork> {
  const { spec } = context.job;
  const tail = await openTail(spec.backbone, plan, context.world.store, context.jobContext.signal);
  const shape = tail?.outputShape.slice(1) ?? trunk.featureShape;
  const newHead = buildHead(spec.head, shape.map(Number), headOptions(context, training));
  if (head !== undefined) newHead.setWeights(head.getWeights());
  const layers = { stages: trainedStages(plan, spec.backbone), head: layerNames(newHead) };
  const model = stack(tail, newHead);
  const trainable = [...layers.stages.flat(), ...layers.head];
  const close = async () => disposeWeights(model);
  const network = await closeOnFailure({ close }, () => openTrainable({ model, trainable }, context));
  return { network, model, head: newHead, layers };
}

/** A linear head with weights of zero. @param shape of its input: [columns] */
export function zeroHead(shape: readonly number[], context: TrainingContext): LayersModel {
  return buildHead([{ layer: 'output', useBias: true, l1: 0, l2: 0, kernelInitializer: 'zeros' }], shape, headOptions(context));
}

/** What a head gets from its job: the number of classes, the seed, and the number of loss terms that divides the prior. */
export function headOptions({ job, dataset, split }: TrainingContext, training: HeadTraining = {}): HeadOptions {
  const { seed = job.spec.training.seed, images = split.train.length } = training;
  const classes = dataset.labels.length;
  const lossTerms = images * (taskOf(job) === 'multi-label' ? classes : 1);
  return { classes, seed, lossTerms };
}

/** The names of a model's layers. A nested model counts as its layers. */
export function layerNames(model: LayersModel): string[] {
  return leafLayers(model).map(({ layer }) => layer.name);
}
