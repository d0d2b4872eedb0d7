import type { RandomStream } from '../../random.ts';

/**
 * CutMix (Yun et al., arXiv:1905.04899): replaces a rectangle of an example by that of its partner.
 * @param own values of the example, [height, width, channels], changed in place
 * @param share of itself that the example should keep; if the rectangle's centre is near the edge, it keeps more
 * @returns the share that it keeps
 */
export function cutmix(
  own: Float32Array,
  partner: Float32Array,
  share: number,
  {
    shape: [height, width, channels],
    stream,
  }: { readonly shape: readonly [number, number, number]; readonly stream: RandomStream },
): number {
  const [top, bottom] = cut(height, share, stream);
  const [left, right] = cut(width, share, stream);
  for (let y = top; y < bottom; y++) {
    const start = (y * width + left) * channels;
    own.set(partner.subarray(start, start + (right - left) * channels), start);
  }
  return 1 - ((bottom - top) * (right - left)) / (height * width);
}

/** Returns the range of a side to cut: sqrt(1 - share) of its length, around a random point, clipped at the edges. */
function cut(length: number, share: number, stream: RandomStream): [number, number] {
  const centre = stream.integer(length);
  const half = (length * Math.sqrt(1 - share)) / 2;
  return [Math.max(0, Math.round(centre - half)), Math.min(length, Math.round(centre + half))];
}
