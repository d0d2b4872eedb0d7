import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { InterimResult } from '../../../lib/contracts/job.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { buildHead } from '../../../lib/heads/build-head.ts';
import { reportInterim } from '../../../lib/pipeline/finish-early.ts';
import type { TrainedNetwork } from '../../../lib/pipeline/network.ts';
import type { TrainingContext } from '../../../lib/pipeline/training-context.ts';
import { startWorkLog } from '../../../lib/pipeline/work-log.ts';
import { systemClock } from '../../../lib/store/system-clock.ts';
import { memoryExamples, targetsOf } from '../../../lib/training/examples.ts';
import { networkOf, useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

test('the interim result of a multi-label training is its mean average precision, because most labels are absent', async () => {
  const model = buildHead([], [1], { classes: 2, seed: 0 });
  model.setWeights([tf.tensor2d([1, -1], [1, 2]), tf.zeros([2])]);
  const validation = memoryExamples({
    inputShape: [1],
    classes: 2,
    inputs: Float32Array.of(1, -1, 2),
    targets: targetsOf([[0], [1], [0]], 2),
  });
  const strategy = { name: 'feature-extraction', reason: '', evidence: {} };
  const interims: InterimResult[] = [];
  const context = {
    job: { spec: JobSpec.parse({ name: 'm', dataset: 'd', task: 'multi-label' }) },
    jobContext: { reportInterim: (interim: InterimResult) => void interims.push(interim) },
    engine: { runtime: { name: 'wasm' } },
    dataset: { labels: ['a', 'b'] },
    work: startWorkLog(systemClock),
  } as unknown as TrainingContext;
  const trained = { network: networkOf(model), examples: { validation }, strategy } as unknown as TrainedNetwork;
  await reportInterim(trained, { name: 'fine-tune-top' } as Parameters<typeof reportInterim>[1], context);
  expect(interims).toEqual([{ strategy: 'feature-extraction', images: 3, meanAveragePrecision: 1 }]);
});
