import { randomStream } from '../../../lib/random.ts';

/**
 * A copy of a file with something wrong: cut off, bits turned, bytes and 32-bit numbers replaced, parts of it put elsewhere. The
 * same numbers give the same copy.
 */
export function damaged(bytes: Uint8Array, seed: number, index: number): Uint8Array {
  const { next, integer } = randomStream(seed, 'damage', index);
  if (bytes.length === 0) return bytes;
  if (next() < 0.1) return bytes.slice(0, integer(bytes.length));
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  // The structure of most formats lies at their beginning: aim there as often as anywhere.
  const place = (width: number): number =>
    integer(Math.max(1, (next() < 0.5 ? Math.min(copy.length, 4096) : copy.length) - width));
  const changes: readonly (() => void)[] = [
    () => {
      const at = place(1);
      view.setUint8(at, view.getUint8(at) ^ (1 << integer(8)));
    },
    () => view.setUint8(place(1), integer(256)),
    () => copy.length > 4 && view.setUint32(place(4), EXTREMES[integer(EXTREMES.length)] ?? 0, true),
    () => {
      const at = place(1);
      copy.fill(next() < 0.5 ? 0 : 255, at, at + 1 + integer(16));
    },
    () => {
      const [from, to] = [place(1), place(1)];
      copy.copyWithin(to, from, from + 1 + integer(64));
    },
  ];
  const count = 1 + Math.floor(next() ** 3 * 30);
  for (let i = 0; i < count; i++) changes[integer(changes.length)]?.();
  return copy;
}

const EXTREMES = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x00ffffff, 0x10000000];
