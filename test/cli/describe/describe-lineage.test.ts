import { expect, test } from 'vitest';
import { describeLineage, lineageOf } from '../../../cli/describe/describe-lineage.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { documentedMembers } from '../../support/docs/documented-members.ts';
import { cardFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';

const scores = drawScores({ count: 20, classes: 2, seed: 1 });
const { backbone } = cardFor(scores, ['a', 'b']);
const int8Backbone = { ...backbone, precision: 'int8' as const };
const version = { version: 3, job: 'job-zd310wsts-63stns7d9m', package: 'models/', createdAt: '2030-01-01T00:00:00.000Z' };

test.each([
  [{ node: 'v22.0.0', graft: '0.1.0' }, /^Graft +0\.1\.0$/m],
  [{ node: 'v22.0.0' }, /^Graft +of a version that did not record it$/m],
])('a lineage names what the version was made from, and the spec without its defaults: %j', (versions, graft) => {
  const spec = JobSpec.parse({ name: 'scored', dataset: 'scored', training: { epochs: 5 }, head: 'mlp' });
  const card = cardFor(scores, ['a', 'b'], { spec, versions });
  const lineage = lineageOf({ ...version, model: 'scored', backbone: 'efficientnet_lite0', dataset: 'scored', card });
  expect(lineage).toMatchObject({ model: 'scored', version: 3, job: version.job, dataset: 'scored', versions });
  expect(Object.keys(lineage.spec)).toEqual(['head', 'training.epochs']);
  const text = describeLineage(lineage);
  expect(text).toMatch(/^its weights +SHA-256 0$/m);
  expect(text).toMatch(/^ {2}training\.epochs +5$/m);
  expect(text).toMatch(graft);
  expect(text).not.toMatch(/^features/m);
});

test('a lineage names the kind of processor that computed the features, and the tolerance of others', () => {
  const features = { processors: ['linux x64 avx2'], tolerance: 0.0001 };
  const card = cardFor(scores, ['a', 'b'], { features });
  const lineage = lineageOf({ ...version, model: 'scored', backbone: 'efficientnet_lite0', dataset: 'scored', card });
  expect(lineage.features).toEqual(features);
  expect(describeLineage(lineage)).toMatch(/^features +computed on linux x64 avx2; on other processors, they differ by 0.0001 /m);
});

test('a lineage of an earlier version names all kinds of processors that computed the features', () => {
  const card = cardFor(scores, ['a', 'b'], { features: { processors: ['linux x64 avx2', 'linux x64 avx512'] } });
  const lineage = lineageOf({ ...version, model: 'scored', backbone: 'efficientnet_lite0', dataset: 'scored', card });
  expect(lineage.features?.processors).toHaveLength(2);
  expect(describeLineage(lineage)).toMatch(/^features +computed on linux x64 avx2, linux x64 avx512$/m);
});

test.each([
  ['int8', 2, /^precision +int8, calibrated on 2 training images$/m],
  ['int8', 0, /^precision +int8, as the model that it builds on$/m],
  ['float32', 2, /^precision +float32$/m],
] as const)('a lineage names the precision that a job chose for its backbone: %s, %d images', (used, images, line) => {
  const measured = { processor: 'linux x64 avx512', float32: {}, int8: {} };
  const calibrationImages = ['a'.repeat(64), 'b'.repeat(64)].slice(0, images);
  const backbonePrecision = { used, reason: 'It is faster.', ...measured, calibrationImages };
  const card = cardFor(scores, ['a', 'b'], { backbonePrecision, ...(used === 'int8' && { backbone: int8Backbone }) });
  const lineage = lineageOf({ ...version, model: 'scored', backbone: 'efficientnet_lite0', dataset: 'scored', card });
  expect(lineage.backbonePrecision).toEqual({ used, calibrationImages });
  expect(describeLineage(lineage)).toMatch(line);
});

test.each([
  [int8Backbone, /^precision +int8, as the model that it builds on$/m],
  [backbone, /^its weights.*\n(?!precision)/m],
])('the lineage of a job without a choice names int8 only if its graph has it', (of, line) => {
  const card = cardFor(scores, ['a', 'b'], { backbone: of });
  const lineage = lineageOf({ ...version, model: 'scored', backbone: 'own', dataset: 'scored', card });
  expect(describeLineage(lineage)).toMatch(line);
});

test('a lineage has the members that docs/command.md names, and no other', () => {
  const backbonePrecision = { used: 'int8' as const, reason: '', processor: '', float32: {}, int8: {}, calibrationImages: [] };
  const features = { processors: ['linux x64 avx2'], tolerance: 0.0001 };
  const card = cardFor(scores, ['a', 'b'], { backbonePrecision, features });
  const lineage = lineageOf({ ...version, model: 'scored', backbone: 'efficientnet_lite0', dataset: 'scored', card });
  expect(Object.keys(lineage).sort()).toEqual(documentedMembers('model --lineage'));
});
