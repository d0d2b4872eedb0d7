import { expect, test } from 'vitest';
import { filesOfVersion } from '../../../cli/mlflow/files-of-version.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { cardFor } from '../../support/models/scored-model.ts';
import { drawScores } from '../../support/models/scores.ts';

test('class weights are one parameter, because their labels are no file names', () => {
  const labels = ['defect', 'defect/scratch', '../outside'];
  const classWeights = { defect: 1, 'defect/scratch': 2, '../outside': 3 };
  const spec = JobSpec.parse({ name: 'scored', dataset: 'scored', training: { classWeights } });
  const card = cardFor(drawScores({ count: 30, classes: 3, seed: 1 }), labels, { spec });
  const { runFiles } = filesOfVersion(card, { version: 1, history: [], root: 'file:///mlruns' });
  expect(runFiles.get('params/training.classWeights')).toBe(JSON.stringify(classWeights));
  expect([...runFiles.keys()].filter((path) => /classWeights.|\.\.|defect/.test(path))).toEqual([]);
});
