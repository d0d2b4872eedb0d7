/** Backbones that describe an image by one vector of all their stages, whole or cut in two. */
import * as tfl from '@tensorflow/tfjs-layers';
import { product, sum } from '../arithmetic.ts';
import type { Backbone } from '../backbones/build-backbone.ts';
import { concatenate, crop, flatten, reshape } from '../backbones/layers/functional.ts';
import { continueFrom, outputAt } from './cut-model.ts';
import { columnCount, isGrid, joinVectors, poolMap, type StageMap, stageMaps } from './stage-maps.ts';

type Stages = Pick<Backbone, 'model' | 'cuts'>;

/** A backbone that outputs one vector of stages. */
export interface StageVectors {
  readonly model: tfl.LayersModel;
  /**
   * The parts of the vector, which is the last columns of the output, in order: first the grids, which are the means of
   * quarters of maps; then the vectors of whole maps, of which `top` is the mean of the last.
   */
  readonly blocks: { readonly name: string; readonly size: number; readonly isGrid: boolean }[];
}

/** From images to the vector of all stages. */
export function stageVectors(backbone: Stages): StageVectors {
  const maps = stageMaps(backbone);
  return {
    model: tfl.model({ inputs: backbone.model.inputs, outputs: joinVectors(maps.map(poolMap)) }),
    blocks: maps.map(blockOf),
  };
}

function blockOf(stage: StageMap): StageVectors['blocks'][number] {
  return { name: stage.name, size: columnCount(stage), isGrid: isGrid(stage) };
}

/**
 * From images to features at a cut from which the rest of the vector can be computed: the map there, flattened, and
 * behind it the vector of the stages up to the cut.
 * @param layer the last layer of a stage
 * @throws SpecError CUT_UNKNOWN
 */
export function stagesUpTo(layer: string, backbone: Stages): StageVectors {
  const { cut, before } = cutStages(layer, backbone);
  const features = concatenate([flatten(cut, 'cut_flat'), joinVectors(before.map(poolMap))], 'cut_features');
  return { model: tfl.model({ inputs: backbone.model.inputs, outputs: features }), blocks: before.map(blockOf) };
}

/**
 * From the features of `stagesUpTo` to the vector of all stages, in the order of `stageVectors`.
 * @throws SpecError CUT_UNKNOWN, CUT_BYPASSED
 */
export function stagesFrom(layer: string, backbone: Stages): tfl.LayersModel {
  const { cut, before, after } = cutStages(layer, backbone);
  const { features, map, grids, means } = cutFeatures(cut, before);
  const maps = continueFrom(
    cut,
    map,
    after.map((stage) => stage.map),
  );
  const continued = after.flatMap((stage, index) => withMap(stage, maps[index]));
  const pooled = (some: readonly StageMap[]) => some.map(poolMap);
  const vectors = [
    ...grids,
    ...pooled(continued.filter(isGrid)),
    ...means,
    ...pooled(continued.filter((stage) => !isGrid(stage))),
  ];
  return tfl.model({ inputs: features, outputs: joinVectors(vectors) });
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

/** An input for the features at a cut, in its parts. Without columns, a part has no tensor. */
function cutFeatures(cut: tfl.SymbolicTensor, before: readonly StageMap[]) {
  const shape = cut.shape.slice(1).map(Number);
  const sizes = {
    map: product(shape),
    grids: sum(before.filter(isGrid).map(columnCount)),
    means: sum(before.filter((stage) => !isGrid(stage)).map(columnCount)),
  };
  const width = sizes.map + sizes.grids + sizes.means;
  const features = tfl.input({ shape: [width], name: 'features' });
  // Layers crop only maps, so the features become a map that is one pixel wide.
  const column = reshape(features, 'feature_column', [width, 1, 1]);
  const part = (name: keyof typeof sizes, start: number) =>
    crop(column, `${name}_column`, rows(start, width - start - sizes[name]));
  const vector = (name: 'grids' | 'means', start: number) =>
    sizes[name] === 0 ? [] : [flatten(part(name, start), `cut_${name}`)];
  return {
    features,
    map: reshape(part('map', 0), 'cut_map', shape),
    grids: vector('grids', sizes.map),
    means: vector('means', sizes.map + sizes.grids),
  };
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
