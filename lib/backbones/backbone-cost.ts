import type { BackboneSpec } from '../contracts/job-spec.ts';
import { RuntimeError } from '../errors.ts';
import table from './catalogue/costs.generated.json' with { type: 'json' };
import type { CutCost } from './count-costs.ts';
import { checkInputSize, findRow, findVariant } from './find-row.ts';

/** What a backbone costs for one image, at each place where it may be cut. Needs no TensorFlow: an API's handler may ask. */
export interface BackboneCost {
  /** [height, width] in pixels. */
  readonly inputSize: readonly [number, number];
  /** From the images on; the last one is the whole backbone. */
  readonly cuts: readonly CutCost[];
  readonly total: CutCost;
}

/**
 * What a model of the user's own is taken for, since its graph is not read here: about a ViT-B/16 at half its size, or
 * a ConvNeXt-Tiny.
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

/** The costs grow with the pixels. @throws SpecError as findRow, findVariant, checkInputSize */
export function backboneCost({ name, alpha, inputSize, own }: Omit<BackboneSpec, 'weights'>): BackboneCost {
  if (own !== undefined) {
    const [height, width] = typeof inputSize === 'object' ? inputSize : [inputSize ?? 224, inputSize ?? 224];
    const total = scaled(OWN, (height * width) / 224 ** 2);
    return { inputSize: [height, width], cuts: [total], total };
  }
  const row = findRow(name);
  const variant = findVariant(row, alpha);
  const size = checkInputSize(row, inputSize);
  const known = table.find((entry) => entry.name === row.name && entry.alpha === variant.alpha);
  const scale = (size[0] * size[1]) / row.inputSize.default ** 2;
  const cuts = (known?.cuts ?? []).map((cut) => scaled(cut, scale));
  const total = cuts.at(-1);
  if (total === undefined) throw new RuntimeError('BACKBONE_COST_UNKNOWN', { at: row.name, fix: 'npm run test:backbones -- -u' });
  return { inputSize: size, cuts, total };
}

/** @param pixels of the input, in those for which the costs were counted */
function scaled(cost: CutCost, pixels: number): CutCost {
  const { multiplyAdds, depthwise, elements } = cost;
  return { ...cost, multiplyAdds: multiplyAdds * pixels, depthwise: depthwise * pixels, elements: elements * pixels };
}
