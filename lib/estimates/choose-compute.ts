import type { ComputeSpec, JobEstimate } from '../contracts/compute.ts';
import { SpecError } from '../errors.ts';
import { FEW } from '../freezing/choose-strategy.ts';
import type { EstimatedWork } from './estimate-work.ts';

/** A machine for the job, and the estimate on it. */
export type ComputeCandidate = Omit<JobEstimate, 'reason'> & { readonly work: EstimatedWork };

/** Lambda ends a function after 15 minutes. */
const LAMBDA_SECONDS = 900;
/** Bytes for features in temporary files: the training function has 10 GiB (infra/constructs/functions.ts). */
const LAMBDA_DISK = 10e9;

/**
 * Chooses where a job runs. A small job on frozen features runs in a Lambda function, which starts in seconds, and so
 * does one that strategy `auto` may fine-tune on few images. Any other job runs on a GPU machine. On one machine there is
 * no choice.
 * @param candidates one for each available target
 * @throws SpecError COMPUTE_TARGET_UNAVAILABLE if there is no such machine; COMPUTE_TARGET_INCOMPATIBLE if it cannot do
 * this job
 */
export function chooseCompute(compute: ComputeSpec, candidates: readonly ComputeCandidate[]): JobEstimate {
  const [here] = candidates.filter(({ target }) => target === 'local');
  const [lambda] = candidates.filter(({ target }) => target === 'lambda');
  const [gpu] = candidates.filter(({ target }) => target === 'gpu');
  const { target } = compute;
  if (here !== undefined && target === 'auto') return chosen(here, 'this machine');
  if (target !== 'auto' && candidates.every((candidate) => candidate.target !== target)) throw unavailable(target, candidates);
  if (lambda !== undefined && target === 'lambda') {
    const limit = limitOfLambda(lambda, 'expected');
    if (limit !== undefined) throw incompatible(limit, gpu !== undefined);
    return chosen(lambda, 'as asked');
  }
  const mayTrainMore = lambda?.work.trainsTail === 'yes' || (gpu !== undefined && mayGain(gpu.work));
  if (lambda !== undefined && target === 'auto' && !mayTrainMore && limitOfLambda(lambda, 'upper') === undefined)
    return chosen(lambda, 'a small job, which a Lambda function does well within its time');
  if (gpu !== undefined) return chosen(gpu, target === 'gpu' ? 'as asked' : gpuReason(gpu.work));
  if (lambda === undefined) throw unavailable(target, candidates);
  const limit = limitOfLambda(lambda, 'expected');
  if (limit !== undefined) throw incompatible(limit, false);
  return chosen(lambda, 'there is no other machine');
}

interface Limit {
  readonly expected: string;
  readonly received: string;
}

/** Whether strategy `auto` may fine-tune on so many images that starting a GPU pays off. */
function mayGain({ trainsTail, trainingImages }: EstimatedWork): boolean {
  return trainsTail === 'maybe' && trainingImages >= FEW;
}

/**
 * The limit of a Lambda function that a job exceeds: of time, memory, or disk.
 * @param end of the estimate that must keep the time
 */
function limitOfLambda(
  { work: { range, memory, featureFiles } }: ComputeCandidate,
  end: 'expected' | 'upper',
): Limit | undefined {
  const seconds = range[end];
  if (seconds > LAMBDA_SECONDS)
    return { expected: `a job of at most ${LAMBDA_SECONDS / 60} minutes`, received: `about ${minutes(seconds)} minutes` };
  if (memory.needed > memory.there)
    return {
      expected: `a job of at most ${Number((memory.there / 1e9).toFixed(1))} GB`,
      received: `about ${(memory.needed / 1e9).toFixed(1)} GB`,
    };
  if (featureFiles > LAMBDA_DISK)
    return {
      expected: `a job whose features take at most ${LAMBDA_DISK / 1e9} GB`,
      received: `about ${(featureFiles / 1e9).toFixed(1)} GB`,
    };
  return undefined;
}

function gpuReason(work: EstimatedWork): string {
  if (work.trainsTail === 'yes') return 'layers of the backbone train';
  return mayGain(work)
    ? 'there are so many images that fine-tuning may gain something, for which a Lambda function is too slow'
    : 'more than a Lambda function does well within its time, memory or disk';
}

function chosen({ work: _, ...estimate }: ComputeCandidate, reason: string): JobEstimate {
  return { ...estimate, reason };
}

function unavailable(target: string, candidates: readonly ComputeCandidate[]): SpecError {
  const there = [...new Set(candidates.map((candidate) => candidate.target))];
  return new SpecError('COMPUTE_TARGET_UNAVAILABLE', {
    at: 'compute.target',
    expected: there.includes('local') ? 'auto: jobs run on this machine' : `auto or ${there.join(', ')}`,
    received: target,
    fix: 'leave it out, or deploy Graft with that compute',
  });
}

function incompatible({ expected, received }: Limit, gpu: boolean): SpecError {
  return new SpecError('COMPUTE_TARGET_INCOMPATIBLE', {
    at: 'compute.target',
    expected: `for a Lambda function, ${expected}`,
    received,
    fix: gpu ? 'use the target gpu' : 'train fewer epochs, images or layers, or deploy Graft with GPUs',
  });
}

function minutes(seconds: number): string {
  return (seconds / 60).toFixed(1);
}
