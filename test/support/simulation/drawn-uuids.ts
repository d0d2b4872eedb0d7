import { randomStream } from '../../../lib/random.ts';

let stream = randomStream(0, 'uuids');

/** Begins the UUIDs of an interleaving: the same seed gives the same ids, and so the same order of listings. */
export function seedUuids(seed: number): void {
  stream = randomStream(seed, 'uuids');
}

/** In place of `randomUUID` of node:crypto. */
export function drawUuid(): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(stream.next() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
