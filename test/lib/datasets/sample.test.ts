import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { listedFrom } from '../../support/datasets/listing.ts';

describe('the bundled sample', () => {
  it('holds 60 different photographs of each of six kinds of waste, and nothing else', async () => {
    const { files } = await listedFrom(asset('sample-trashnet'));
    const counts = Map.groupBy(files, ({ path }) => path.split('/')[0]);
    expect([...counts].map(([label, images]) => [label, images.length])).toEqual(
      ['cardboard', 'glass', 'metal', 'paper', 'plastic', 'trash'].map((label) => [label, 60]),
    );
    expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(360);
  });

  it('has three more, named after their class, that are not among them', async () => {
    const seen = await listedFrom(asset('sample-trashnet'));
    const unseen = await listedFrom(asset('sample-trashnet-unseen'));
    expect(unseen.files.map(({ path }) => path)).toEqual(['metal.jpg', 'plastic.jpg', 'trash.jpg']);
    const known = new Set(seen.files.map(({ sha256 }) => sha256));
    expect(unseen.files.filter(({ sha256 }) => known.has(sha256))).toEqual([]);
  });
});

function asset(path: string): string {
  return fileURLToPath(new URL(`../../../assets/${path}`, import.meta.url));
}
