import { expect, test } from 'vitest';
import { relatedImages } from '../../../lib/datasets/splits/assign-folds.ts';
import { labelled } from '../../../lib/features/feature-examples.ts';
import { readStageFeatures } from '../../../lib/features/stage-features.ts';
import { probeLinearly } from '../../../lib/freezing/linear-probe.ts';
import { gatherEvidence, probedRows } from '../../../lib/pipeline/gather-evidence.ts';
import { blocksOf } from '../../../lib/training/closed-form/feature-block.ts';
import { gatherColumns } from '../../../lib/training/examples.ts';
import { taskScore } from '../../../lib/training/metrics/task-score.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';
import { trashTraining } from '../../support/training-context.ts';

useTensorFlow();

test('the top is probed by its own means, whatever the family calls its last stage', async () => {
  const context = await trashTraining({
    backbone: { name: 'mobilenet', alpha: 0.25, weights: 'none', inputSize: 32 },
  });
  const { job, world, dataset, split, jobContext } = context;
  const { backbone } = job.spec;
  const options = { store: world.store, signal: jobContext.signal, log: world.log, onProgress: () => {} };
  const { probes } = await gatherEvidence(context);

  const rows = probedRows(split, 0);
  const images = rows.flatMap((row) => dataset.rows.at(row)?.sha256 ?? []);
  const { trunk, inputs } = await readStageFeatures(backbone, images, options);
  const top = blocksOf(trunk.blocks ?? []).find(({ name }) => name === 'top');
  if (top === undefined) throw new Error('no top');
  const { classes, targets } = labelled(dataset, rows);
  const scores = probeLinearly({
    features: gatherColumns(inputs, inputs.length / images.length, top),
    targets,
    count: images.length,
    classes,
    task: 'single-label',
    related: relatedImages(dataset, rows),
  });
  expect(top.size).toBeLessThan(inputs.length / images.length);
  expect(probes.at(-1)).toEqual({ stage: expect.not.stringMatching('top'), score: taskScore(scores) });
});
