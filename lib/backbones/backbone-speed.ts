import type { BackboneSpec } from '../contracts/job-spec.ts';
import { backboneCost } from './backbone-cost.ts';
import measured from './catalogue/speeds.generated.json' with { type: 'json' };

/** Speed of a backbone as a frozen trunk, at its default input size. */
export interface BackboneSpeed {
  /** `fast` from 20 images per second and core, `medium` from 5, else `slow`. */
  readonly class: 'fast' | 'medium' | 'slow';
  /**
   * On one core in ONNX Runtime, measured by `npm run -s bench -- trunk` or scaled by multiply-adds (`scaledFrom`).
   */
  readonly imagesPerSecond: number;
}

const FAST = 20;
const MEDIUM = 5;

/** Returns the speed of a backbone, or undefined if it was never measured. */
export function backboneSpeed(name: string): BackboneSpeed | undefined {
  const imagesPerSecond = measured.backbones.find((backbone) => backbone.name === name)?.imagesPerSecond;
  if (imagesPerSecond === undefined) return undefined;
  const speed = imagesPerSecond >= FAST ? 'fast' : imagesPerSecond >= MEDIUM ? 'medium' : 'slow';
  return { class: speed, imagesPerSecond };
}

/**
 * Returns the milliseconds for one image on one core: those of the default input size and width, scaled by multiply-adds
 * to the actual ones. Undefined if the backbone was never measured.
 * @throws as backboneCost
 */
export function backboneMilliseconds(backbone: Pick<BackboneSpec, 'name' | 'alpha' | 'inputSize'>): number | undefined {
  const { name } = backbone;
  const speed = backboneSpeed(name);
  if (speed === undefined) return undefined;
  const scale = backboneCost(backbone).total.multiplyAdds / backboneCost({ name }).total.multiplyAdds;
  return (1000 / speed.imagesPerSecond) * scale;
}
