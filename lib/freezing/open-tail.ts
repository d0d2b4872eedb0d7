import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbones/build-backbone.ts';
import { openBackbone } from '../backbones/load-backbone.ts';
import { ownTail } from '../backbones/own/own-tail.ts';
import { findWeightSource, type SourceOptions } from '../backbones/weight-source.ts';
import type { BackboneSpec } from '../contracts/job-spec.ts';
import type { OwnModel } from '../contracts/own-model.ts';
import type { ObjectStore } from '../ports.ts';
import { disposeWeights } from '../training/layers-model/dispose-weights.ts';
import { cutModel } from './cut-model.ts';
import { type CutAt, type CutPlan, hasTail, trainedStages } from './cut-plan.ts';
import type { TuningPlan } from './plan-strategy.ts';
import { mapFrom, stagesFrom, stageVectors } from './stage-vectors.ts';

/**
 * Opens the layers after a plan's cut, with their pretrained weights, ready to train. Layers that the plan freezes do
 * not train. A BatchNormalization keeps its statistics and its scale, because those of a few hundred images are worse
 * than ImageNet's.
 * @param signal ends the download of weights
 * @returns undefined if no layer after the cut trains
 * @throws as findWeightSource, loadBackbone, cutModel, ownTail; the signal's reason
 */
export async function openTail(
  spec: BackboneSpec,
  plan: TailPlan,
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<LayersModel | undefined> {
  if (!hasTail(plan)) return undefined;
  const tail =
    spec.own === undefined
      ? layersAfter(plan, await open(spec, { store, signal }))
      : await ofOwnModel(spec.own, spec, plan, store);
  const trained = new Set(trainedStages(plan, spec).flat());
  for (const layer of tail?.layers ?? []) layer.trainable = trained.has(layer.name);
  return tail;
}

function ofOwnModel(own: OwnModel, { inputSize }: BackboneSpec, { cut }: TailPlan, store: ObjectStore): Promise<LayersModel> {
  return ownTail({ own, inputSize }, typeof cut === 'object' ? cut.layer : undefined, store);
}

type TailPlan = CutPlan & Pick<TuningPlan, 'carriesStages'>;

function layersAfter({ cut, carriesStages }: TailPlan, backbone: Backbone): LayersModel | undefined {
  if (typeof cut !== 'object') return backbone.model;
  const tail = carriesStages ? mapFrom(cut.layer, backbone) : cutModel(backbone.model, cut.layer).tail;
  // The features at the cut replace the layers below.
  disposeWeights(backbone.model, tail);
  return tail;
}

/**
 * Opens the frozen layers after a cut whose features carry the stages before it.
 * @returns from these features to the vector of all stages
 * @throws as openTail
 */
export async function openFrozenStages(
  spec: BackboneSpec,
  cut: CutAt,
  store: ObjectStore,
  signal?: AbortSignal,
): Promise<LayersModel> {
  const backbone = await open(spec, { store, signal });
  const stages = typeof cut === 'object' ? stagesFrom(cut.layer, backbone) : stageVectors(backbone).model;
  disposeWeights(backbone.model, stages);
  return stages;
}

async function open(spec: BackboneSpec, from: SourceOptions): Promise<Backbone> {
  const source = await findWeightSource(spec, from);
  const { name, alpha, inputSize } = spec;
  return openBackbone(source, { name, alpha, inputSize });
}
