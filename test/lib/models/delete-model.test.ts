import { expect, test } from 'vitest';
import { withoutVersions } from '../../../lib/models/delete-model.ts';

/** A model with these versions, whose alias `prod` points to 2. */
function record(versions: readonly number[], previous: number[]) {
  const members = { createdAt: '2030-01-01T00:00:00.000Z', backbone: 'efficientnet_lite0', dataset: 'flowers' };
  return {
    name: 'flowers',
    versions: versions.map((version) => ({ version, job: `job-${version}`, package: `models/flowers/${version}/`, ...members })),
    aliases: { latest: Math.max(...versions), prod: 2 },
    previous: { prod: previous },
  };
}

test.each([
  { previous: [1, 2, 3], deleted: [3], left: [1], why: 'the last one is the current version' },
  { previous: [1, 3, 1], deleted: [3], left: [1], why: 'one follows itself' },
  { previous: [2, 3, 2, 4], deleted: [3, 4], left: [], why: 'both' },
  { previous: [1, 4, 3], deleted: [3], left: [1, 4], why: 'all are different' },
])('a rollback after a deletion moves to another version: $why', ({ previous, deleted, left }) => {
  expect(withoutVersions(record([1, 2, 3, 4], previous), deleted).previous).toEqual({ prod: left });
});
