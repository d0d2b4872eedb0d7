import * as tfl from '@tensorflow/tfjs-layers';
import type { Backbone } from '../backbones/build-backbone.ts';
import { averagePool, concatenate } from '../backbones/layers/functional.ts';
import { outputAt } from './cut-model.ts';
import { patchCuts } from './patch-cuts.ts';

/**
 * From images to a map of patch features: the last maps with 8 and 16 pixels a position, the first one averaged to the
 * size of the second, side by side (PatchCore, arXiv:2106.08265). These stages see parts of things, where the top sees
 * the classes that it was trained for. A backbone without such maps, or whose maps do not fit on each other, gives the
 * last map up to 16 pixels a position.
 * @returns a model with the output [batch, height, width, channels]
 */
export function patchMaps({ model, cuts }: Pick<Backbone, 'model' | 'cuts'>): tfl.LayersModel {
  const { last, fine } = patchCuts(cuts);
  if (last === undefined) return model;
  const map = outputAt(model, last.layer);
  const finer = fine && halve(outputAt(model, fine.layer));
  const isJoined = finer !== undefined && `${finer.shape.slice(0, 3)}` === `${map.shape.slice(0, 3)}`;
  return tfl.model({ inputs: model.inputs, outputs: isJoined ? concatenate([finer, map], 'patch_features') : map });
}

function halve(map: tfl.SymbolicTensor): tfl.SymbolicTensor {
  return averagePool(map, 'patch_pool', { kernel: 2, stride: 2 });
}
