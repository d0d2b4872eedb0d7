/** Backbones that describe an image by one vector of all their stages, whole or cut in two. */
import * as tfl from '@tensorflow/tfjs-layers';
import { product, sum } from '../arithmetic.ts';
import type { Backbone } from '../backbones/build-backbone.ts';
import { concatenate, crop, flatten, reshape } from '../backbones/layers/functional.ts';
import { continueFrom, outputAt } from './cut-model.ts';
import { describeMaps, type StageMap, stageMaps } from './stage-maps.ts';

type Stages = Pick<Backbone, 'model' | 'cuts'>;

/** A backbone that outputs one vector of stages. */
export interface StageVectors {
  readonly model: tfl.LayersModel;
  /** The parts of the vector, in order; `top` is the mean of the last map. They are the last columns of the output. */
  readonly blocks: { readonly name: string; readonly size: number }[];
}

/** From images to the vector of all stages. */
export function stageVectors(backbone: Stages): StageVectors {
  const maps = stageMaps(backbone);
  return {
    model: tfl.model({ inputs: backbone.model.inputs, outputs: describeMaps(maps) }),
    blocks: maps.map(blockOf),
  };
}

function blockOf({ name, map }: StageMap): StageVectors['blocks'][number] {
  return { name, size: Number(map.shape.at(-1)) };
}

/**
 * From images to features at a cut from which the rest of the vector can be computed: the map there, flattened, and
 * behind it the vector of the stages up to the cut.
 * @param layer the last layer of a stage
 * @throws SpecError CUT_UNKNOWN
 */
export function stagesUpTo(layer: string, backbone: Stages): StageVectors {
  const { cut, before } = cutStages(layer, backbone);
  const features = concatenate([flatten(cut, 'cut_flat'), describeMaps(before)], 'cut_features');
  return { model: tfl.model({ inputs: backbone.model.inputs, outputs: features }), blocks: before.map(blockOf) };
}

/**
 * From the features of `stagesUpTo` to the vector of all stages, in the order of `stageVectors`.
 * @throws SpecError CUT_UNKNOWN, CUT_BYPASSED
 */
export function stagesFrom(layer: string, backbone: Stages): tfl.LayersModel {
  const { cut, before, after } = cutStages(layer, backbone);
  const { features, map, vectors } = cutFeatures(cut, before);
  const maps = continueFrom(
    cut,
    map,
    after.map((stage) => stage.map),
  );
  const continued = after.flatMap((stage, index) => withMap(stage, maps[index]));
  return tfl.model({ inputs: features, outputs: describeMaps(continued, [vectors]) });
}

/**
 * From the features of `stagesUpTo` to the backbone's output.
 * @throws SpecError CUT_UNKNOWN, CUT_BYPASSED
 */
export function mapFrom(layer: string, backbone: Stages): tfl.LayersModel {
  const { cut, before } = cutStages(layer, backbone);
  const { features, map } = cutFeatures(cut, before);
  return tfl.model({ inputs: features, outputs: continueFrom(cut, map, backbone.model.outputs) });
}

/** The map at a cut, and the maps of the stages before and after it. */
function cutStages(layer: string, backbone: Stages) {
  const position = backbone.model.layers.findIndex(({ name }) => name === layer);
  const maps = stageMaps(backbone);
  return {
    cut: outputAt(backbone.model, layer),
    before: maps.filter((map) => map.position <= position),
    after: maps.filter((map) => map.position > position),
  };
}

/** An input for the features at a cut, in its two parts. */
function cutFeatures(cut: tfl.SymbolicTensor, before: readonly StageMap[]) {
  const shape = cut.shape.slice(1).map(Number);
  const size = product(shape);
  const others = sum(before.map((stage) => blockOf(stage).size));
  const features = tfl.input({ shape: [size + others], name: 'features' });
  // Layers crop only maps, so the features become a map that is one pixel wide.
  const column = reshape(features, 'feature_column', [size + others, 1, 1]);
  const ofMap = crop(column, 'map_column', rows(0, others));
  const ofVectors = crop(column, 'vector_column', rows(size, 0));
  return { features, map: reshape(ofMap, 'cut_map', shape), vectors: flatten(ofVectors, 'cut_vectors') };
}

function rows(top: number, bottom: number): [[number, number], [number, number]] {
  return [
    [top, bottom],
    [0, 0],
  ];
}

function withMap(stage: StageMap, map: tfl.SymbolicTensor | undefined): StageMap[] {
  return map === undefined ? [] : [{ ...stage, map }];
}
