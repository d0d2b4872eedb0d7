import type { BackboneSpec } from '../contracts/job-spec.ts';
import { RuntimeError } from '../errors.ts';
import table from './catalogue/costs.generated.json' with { type: 'json' };
import type { CutCost } from './count-costs.ts';
import { checkInputSize, findRow, findVariant } from './find-row.ts';

/**
 * The cost of a backbone per image, at each of its possible cuts. Does not load TensorFlow, so API handlers can use
 * it.
 */
export interface BackboneCost {
  /** [height, width] in pixels. */
  readonly inputSize: readonly [number, number];
  /** Ordered from the images on. The last one is the whole backbone. */
  readonly cuts: readonly CutCost[];
  readonly total: CutCost;
  /** Columns that the means and maxima of whole maps of all stages have together. */
  readonly wholeMapColumns: number;
}

/**
 * Assumed costs of a user's own model, since its graph is not read here: about those of a ViT-B/16 at half its size,
 * or of a ConvNeXt-Tiny.
 */
const OWN = {
  name: 'output',
  layer: 'output',
  stride: 32,
  channels: 768,
  multiplyAdds: 4.5e9,
  depthwise: 0,
  elements: 30e6,
  layers: 200,
  parameters: 30e6,
};

/**
 * Returns the cost of a backbone at an input size. Costs scale with the number of pixels.
 * @throws SpecError as findRow, findVariant, checkInputSize
 */
export function backboneCost({ name, alpha, inputSize, own }: Omit<BackboneSpec, 'weights'>): BackboneCost {
  if (own !== undefined) {
    const [height, width] = typeof inputSize === 'object' ? inputSize : [inputSize ?? 224, inputSize ?? 224];
    const total = scaled(OWN, (height * width) / 224 ** 2);
    return { inputSize: [height, width], cuts: [total], total, wholeMapColumns: OWN.channels };
  }
  const row = findRow(name);
  const variant = findVariant(row, alpha);
  const size = checkInputSize(row, inputSize);
  const known = table.find((entry) => entry.name === row.name && entry.alpha === variant.alpha);
  const scale = (size[0] * size[1]) / row.inputSize.default ** 2;
  const cuts = (known?.cuts ?? []).map((cut) => scaled(cut, scale));
  const total = cuts.at(-1);
  if (total === undefined) throw new RuntimeError('BACKBONE_COST_UNKNOWN', { at: row.name, fix: 'npm run test:backbones -- -u' });
  return { inputSize: size, cuts, total, wholeMapColumns: known?.wholeMapColumns ?? 0 };
}

/** Assumed share of the cost of a user's own model up to a cut: the layers after it are about a quarter. */
const OWN_TRUNK = 3 / 4;

/** The assumed cost of a user's own model up to a cut. @param total of the whole model */
export function ownTrunkCost({ parameters, layers, ...total }: CutCost): CutCost {
  const shares = { parameters: parameters * OWN_TRUNK, layers: layers * OWN_TRUNK };
  return { ...scaled({ ...total, ...shares }, OWN_TRUNK), stride: total.stride / 2, channels: total.channels / 2 };
}

/** Scales a cost. @param pixels number of input pixels relative to the size for which the costs were counted */
function scaled(cost: CutCost, pixels: number): CutCost {
  const { multiplyAdds, depthwise, elements } = cost;
  return { ...cost, multiplyAdds: multiplyAdds * pixels, depthwise: depthwise * pixels, elements: elements * pixels };
}
