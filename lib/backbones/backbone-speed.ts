import measured from './catalogue/speeds.generated.json' with { type: 'json' };

/** How fast a backbone is as a frozen trunk, at its own input size. */
export interface BackboneSpeed {
  /** From 20 images a second and core on `fast`, from 5 on `medium`, below that `slow`. */
  readonly class: 'fast' | 'medium' | 'slow';
  /** On one core, in ONNX Runtime, as `npm run -s bench -- trunk` has measured it, or scaled by multiply-adds (`scaledFrom`). */
  readonly imagesPerSecond: number;
}

const FAST = 20;
const MEDIUM = 5;

/** @returns undefined where it was never measured */
export function backboneSpeed(name: string): BackboneSpeed | undefined {
  const imagesPerSecond = measured.backbones.find((backbone) => backbone.name === name)?.imagesPerSecond;
  if (imagesPerSecond === undefined) return undefined;
  const speed = imagesPerSecond >= FAST ? 'fast' : imagesPerSecond >= MEDIUM ? 'medium' : 'slow';
  return { class: speed, imagesPerSecond };
}
