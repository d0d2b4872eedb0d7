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
