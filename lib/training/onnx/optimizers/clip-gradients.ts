import type { OptimizerSpec } from '../../../contracts/training-spec.ts';

/** Clips gradients in place, first each one, then all together; their direction does not change. */
export function clipGradients(
  gradients: readonly Float32Array[],
  { clipNorm, globalClipNorm }: Pick<OptimizerSpec, 'clipNorm' | 'globalClipNorm'>,
): void {
  if (clipNorm !== undefined) for (const gradient of gradients) shorten([gradient], clipNorm);
  if (globalClipNorm !== undefined) shorten(gradients, globalClipNorm);
}

/** Scales gradients so that their joint L2 norm is at most `longest`. */
function shorten(gradients: readonly Float32Array[], longest: number): void {
  let squared = 0;
  for (const gradient of gradients) for (const value of gradient) squared += value * value;
  const factor = longest / Math.max(Math.sqrt(squared), longest);
  if (factor === 1) return;
  for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] ?? 0) * factor;
}
