import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ComputeTarget, JobEstimate } from '../../lib/contracts/compute.ts';
import { JobSpec, type JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { modelNameFor } from '../../lib/contracts/model-name.ts';
import { JobId, Name } from '../../lib/contracts/names.ts';
import { DatasetRef, referencedName } from '../../lib/contracts/reference.ts';
import { nameFromPath } from '../../lib/datasets/sources/source-name.ts';
import { roughDuration } from '../../lib/format.ts';
import { estimatedCost, estimatedTime } from '../describe/describe-estimate.ts';
import { expectingJob } from '../expecting-job.ts';
import { waitSeconds } from './inputs.ts';
import { describeJob, JobView, viewJob } from './job-view.ts';
import { defineTool } from './tool.ts';

const MS_BETWEEN_QUESTIONS = 500;

/** The main options of a training. */
const Training = z.strictObject({
  dataset: DatasetRef.describe('An imported data set: NAME or NAME@DIGEST. import_images imports a folder.'),
  name: Name.optional().describe('Name of the model; default: the name of the data set.'),
  effort: JobSpec.shape.effort.describe(
    'fast: heads on frozen features, in seconds. auto: also fine-tunes where that is better. best: fine-tunes even few images.',
  ),
  backbone: z
    .string()
    .max(100)
    .optional()
    .describe('The pretrained network of the catalogue; default efficientnet_lite0; auto compares all whose weights are here.'),
  inputSize: z.int().min(1).max(2048).optional().describe('Side of the images in pixels; default: from the catalogue.'),
  maxMinutes: z.number().gt(0).max(100_000).optional().describe('Refuses a job that may take longer, and stops one that does.'),
  maxCost: z.number().gt(0).max(1_000_000).optional().describe('US dollars. Refuses a job that may cost more.'),
});

function specOf({ dataset, name, effort, backbone, inputSize, maxMinutes, maxCost }: z.infer<typeof Training>): JobSpecInput {
  return {
    name: name ?? modelNameFor(nameFromPath(referencedName(dataset))),
    dataset,
    effort,
    backbone: { ...(backbone && { name: backbone }), inputSize },
    compute: { maxMinutes, maxCost },
  };
}

const estimate = defineTool({
  name: 'estimate',
  title: 'Estimate a training',
  description: 'Estimates the time and cost of a training, and says where it would run. Trains nothing.',
  input: Training,
  output: z.strictObject({
    model: Name,
    dataset: DatasetRef,
    backbone: z.string(),
    strategy: JobSpec.shape.strategy.unwrap(),
    target: ComputeTarget,
    ...JobEstimate.pick({ instance: true, seconds: true, range: true, dollars: true, dollarsRange: true, reason: true }).shape,
  }),
  async run(args, { context: { client } }) {
    const { spec, ...found } = await client.estimate(specOf(args));
    const { target, instance, seconds, range, dollars, dollarsRange, reason } = found;
    const { name: model, dataset, backbone, strategy } = spec;
    const time = range === undefined ? `up to ${roughDuration(seconds, Math.ceil)}` : estimatedTime(range);
    return {
      value: {
        model,
        dataset,
        backbone: backbone.name,
        strategy,
        target,
        instance,
        seconds,
        range,
        dollars,
        dollarsRange,
        reason,
      },
      text: `The training of ${model} on ${dataset} takes ${time} on ${instance ?? target}, and costs ${estimatedCost(found)}.`,
    };
  },
});

const train = defineTool({
  name: 'train',
  title: 'Train a model',
  description:
    'Submits a job that trains a model, evaluates it on held-out images and publishes it as a new version. Returns at once: ' +
    'follow_job waits for its end.',
  input: Training,
  output: JobView,
  changes: { destructive: false, idempotent: false },
  async run(args, { context }) {
    const job = await expectingJob(context, async () => {
      const submitted = await context.client.jobs.submit(specOf(args), randomUUID());
      context.wakeWorker();
      return submitted;
    });
    const value = viewJob(job);
    return { value, text: `${describeJob(value)}\nWait for it with follow_job.` };
  },
});

const getJob = defineTool({
  name: 'get_job',
  title: 'Show a job',
  description: 'Shows the state, progress, result or error of a job.',
  input: z.strictObject({ id: JobId }),
  output: JobView,
  async run({ id }, { context: { client } }) {
    const value = viewJob(await client.jobs.get(id));
    return { value, text: describeJob(value) };
  },
});

const followJob = defineTool({
  name: 'follow_job',
  title: 'Wait for a job',
  description: 'Waits until a job has ended, at most some seconds, and returns its state. While `ended` is false, call again.',
  input: z.strictObject({ id: JobId, waitSeconds }),
  output: JobView,
  async run({ id, waitSeconds: seconds }, { context: { client }, keepWorker }, signal) {
    const lookAfterWorker = keepWorker();
    const until = performance.now() + seconds * 1000;
    for (;;) {
      const value = viewJob(await client.jobs.get(id));
      const left = until - performance.now();
      if (value.ended || left <= 0) return { value, text: describeJob(value) };
      lookAfterWorker();
      await wait(Math.min(MS_BETWEEN_QUESTIONS, left), undefined, { signal });
    }
  },
});

const cancelJob = defineTool({
  name: 'cancel_job',
  title: 'Cancel a job',
  description: 'Cancels a job that has not ended.',
  input: z.strictObject({ id: JobId }),
  output: JobView,
  changes: { destructive: true, idempotent: true },
  async run({ id }, { context: { client } }) {
    const value = viewJob(await client.jobs.cancel(id));
    return { value, text: describeJob(value) };
  },
});

/** The tools for jobs. */
export const jobTools = [estimate, train, getJob, followJob, cancelJob];
