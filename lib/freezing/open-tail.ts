import type { LayersModel } from '@tensorflow/tfjs-layers';
import { openBackbone } from '../backbones/load-backbone.ts';
import { findWeightSource } from '../backbones/weight-source.ts';
import type { BackboneSpec } from '../contracts/job-spec.ts';
import type { ObjectStore } from '../ports.ts';
import { cutModel } from './cut-model.ts';
import { type CutPlan, trainedStages } from './cut-plan.ts';

/**
 * Opens the layers after a plan's cut, with their pretrained weights, ready to train. Layers that the plan freezes do
 * not train. A BatchNormalization keeps its statistics and its scale, because those of a few hundred images are worse
 * than ImageNet's.
 * @returns undefined if no layer after the cut trains
 * @throws as findWeightSource, loadBackbone, cutModel
 */
export async function openTail(spec: BackboneSpec, plan: CutPlan, store: ObjectStore): Promise<LayersModel | undefined> {
  if (!plan.tail) return undefined;
  const source = await findWeightSource(spec, { store });
  const { name, alpha, inputSize } = spec;
  const { model } = await openBackbone(source, { name, alpha, inputSize });
  const tail = typeof plan.cut === 'object' ? cutModel(model, plan.cut.layer).tail : model;
  const trained = new Set(trainedStages(plan, spec).flat());
  for (const layer of tail?.layers ?? []) layer.trainable = trained.has(layer.name);
  return tail;
}
