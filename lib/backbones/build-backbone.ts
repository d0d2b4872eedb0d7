import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Preprocessing } from '../contracts/preprocessing.ts';
import type { BackboneRow, BackboneVariant, RowOf } from './catalogue/backbone-row.ts';
import type { Family, Stage } from './families/family.ts';
import type { FamilyName, FamilySizes } from './families/family-sizes.ts';
import { families } from './families.ts';
import { checkInputSize, findRow, findVariant } from './find-row.ts';
import { channels, globalAveragePool } from './layers/functional.ts';

const IMAGENET_CLASSES = 1000;

/** Options of `buildBackbone`. */
export interface BackboneOptions {
  readonly name: string;
  /** Width multiplier. Default: the first in the catalogue. */
  readonly alpha?: number | undefined;
  /** In pixels: the side of a square, or [height, width]. Default: from the catalogue. */
  readonly inputSize?: number | readonly [number, number] | undefined;
  /** Whether to add ImageNet's 1000-class top. The model's output is then its logits. */
  readonly top?: boolean;
  /** Without the top: `avg` returns the mean over height and width instead of the feature map. */
  readonly pooling?: 'avg' | undefined;
}

/** A built network and its possible cuts. */
export interface Backbone {
  /**
   * Maps preprocessed images, float32 [batch, height, width, 3], to the last feature map [batch, h, w, channels], or
   * to the output that the options select.
   */
  readonly model: LayersModel;
  readonly row: BackboneRow;
  readonly variant: BackboneVariant;
  /** [height, width] in pixels. */
  readonly inputSize: readonly [number, number];
  readonly preprocessing: Preprocessing;
  /** The possible cuts, from the images to the last map. */
  readonly cuts: readonly Cut[];
}

/** A point where the network can be cut into trunk and tail. */
export interface Cut {
  readonly name: string;
  /** The layer whose output ends the trunk. */
  readonly layer: string;
  /** Image pixels per map pixel, in each direction. */
  readonly stride: number;
  readonly channels: number;
}

/**
 * Builds a backbone of the catalogue. Its weights are zero until load-backbone.ts loads them.
 * @throws SpecError BACKBONE_UNKNOWN, BACKBONE_ALPHA_UNKNOWN, BACKBONE_INPUT_TOO_SMALL
 */
export function buildBackbone(options: BackboneOptions): Backbone {
  const row = findRow(options.name);
  const variant = findVariant(row, options.alpha);
  const inputSize = checkInputSize(row, options.inputSize);
  const images = tfl.input({ shape: [...inputSize, 3], name: 'input_layer' });
  const { stages, output } = layersOf(row, variant, images, options);
  return {
    model: tfl.model({ inputs: images, outputs: output, name: row.name }),
    row,
    variant,
    inputSize,
    preprocessing: row.preprocessing,
    cuts: stages.map(cutAt),
  };
}

function layersOf<F extends FamilyName>(
  { family: name, sizes }: RowOf<F>,
  { alpha }: BackboneVariant,
  images: SymbolicTensor,
  { top, pooling }: BackboneOptions,
): { stages: Stage[]; output: SymbolicTensor } {
  const family: Family<FamilySizes[F]> = families[name];
  const stages = family.stages(images, sizes, alpha);
  const map = stages.at(-1)?.output ?? images;
  if (top) return { stages, output: family.top(map, sizes, { classes: IMAGENET_CLASSES, alpha }) };
  const features = pooling === 'avg' ? globalAveragePool(map, 'avg_pool') : map;
  return { stages, output: family.closing?.(features, sizes) ?? features };
}

function cutAt({ name, output }: Stage): Cut {
  return { name, layer: output.sourceLayer.name, stride: strideOf(output), channels: channels(output) };
}

/** Returns the image pixels per map pixel, in each direction: the product of the strides between them. */
function strideOf(map: SymbolicTensor): number {
  let stride = 1;
  for (let at: SymbolicTensor | undefined = map; at; at = at.inputs[0]) {
    const { strides } = at.sourceLayer.getConfig();
    const [first] = Array.isArray(strides) ? strides : [strides];
    if (typeof first === 'number') stride *= first;
  }
  return stride;
}
