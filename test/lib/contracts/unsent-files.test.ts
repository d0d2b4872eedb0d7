import { expect, test } from 'vitest';
import { unsentFiles } from '../../../lib/contracts/unsent-files.ts';

test('of many unsent files, those that may label the images are named first, and the others are counted', () => {
  const unsent = (path: string) => ({ path, code: 'FILE_TOO_LARGE', message: 'too large' });
  const films = Array.from({ length: 600 }, (_, number) => unsent(`cat/${number}.mp4`));
  const { refused, omitted } = unsentFiles([...films, unsent('metadata.csv')]);
  expect(refused?.slice(0, 2).map(({ path }) => path)).toEqual(['metadata.csv', 'cat/0.mp4']);
  expect(refused).toHaveLength(500);
  expect(omitted).toBe(101);
});
