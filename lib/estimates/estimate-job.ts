import { availableParallelism } from 'node:os';
import type { ComputeTarget, JobEstimate } from '../contracts/compute.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { MachineProfile } from '../contracts/machine-profile.ts';
import { resolveSearch } from '../search/trial-spec.ts';
import { type ComputeCandidate, chooseCompute } from './choose-compute.ts';
import { estimateBackbones } from './estimate-backbones.ts';
import { estimateSearch } from './estimate-search.ts';
import { type EstimatedWork, estimateWork } from './estimate-work.ts';
import { functionDollarsPerSecond } from './function-price.ts';
import { planWithinLimits } from './limits.ts';
import { instances, LARGEST_FUNCTION, lambdaOf, type MachineSpeed, measured, unmeasured } from './machine-speeds.ts';
import { type InstanceName, pricedInstances, prices } from './prices.ts';
import type { StoredImagesOf } from './stored-images.ts';

/** Where the job may run. */
export interface ComputeOption {
  /** The targets that this deployment can start jobs on; default: this machine. */
  readonly targets?: readonly ComputeTarget[] | undefined;
  /** The measured speed of this machine; without it, reference rates for its cores. */
  readonly profile?: MachineProfile | undefined;
  /** Cores of this machine; default: all. */
  readonly cores?: number;
  /** What earlier jobs have stored; default: nothing. */
  readonly storedOf?: StoredImagesOf | undefined;
  /** Instance types that AWS Batch may start; default: all with a known price. Those without one are left out. */
  readonly gpuInstances?: readonly string[] | undefined;
  /** Memory of the training function, in MiB; default: the most that Lambda gives. */
  readonly functionMemory?: number | undefined;
}

/**
 * Estimates the time and the compute of a job: a range for each strategy and runtime that may be chosen, and one range
 * that covers all of them within the job's limits.
 * @param spec with all defaults written out; the data set's size and classes come from `report`
 * @throws SpecError COMPUTE_TARGET_UNAVAILABLE, COMPUTE_TARGET_INCOMPATIBLE as chooseCompute; as jobWork and planFreeze
 */
export function estimateJob(
  spec: JobSpec,
  report: DatasetReport,
  { targets = ['local'], profile, cores, storedOf, gpuInstances, functionMemory = LARGEST_FUNCTION }: ComputeOption = {},
): JobEstimate {
  const { search } = spec;
  const workWith = (of: JobSpec, machines: readonly [MachineSpeed, ...MachineSpeed[]]): EstimatedWork =>
    search === undefined
      ? estimateWork(of, report, machines, storedOf)
      : estimateSearch({ ...of, search: resolveSearch(search) }, report, machines, storedOf);
  const workOn = (machines: readonly [MachineSpeed, ...MachineSpeed[]]): EstimatedWork =>
    spec.backbone.candidates === undefined ? workWith(spec, machines) : estimateBackbones(spec, (of) => workWith(of, machines));
  const here = () => onThisMachine(workOn(speedsHere(profile, cores ?? availableParallelism())), profile);
  const candidates = targets.flatMap((target): ComputeCandidate[] => {
    if (target === 'local') return [here()];
    if (target === 'lambda') return [onLambda(workOn([lambdaOf(functionMemory)]), functionMemory)];
    return [onGpu(pricedInstances(gpuInstances), (name) => workOn([instances[name]]), spec.compute)];
  });
  return planWithinLimits(chooseCompute(spec.compute, candidates), spec);
}

const pricedOn = { date: prices.date, region: prices.region };

/** Without a measurement, either runtime may load. */
function speedsHere(profile: MachineProfile | undefined, cores: number): readonly [MachineSpeed, ...MachineSpeed[]] {
  return profile === undefined ? [unmeasured('native', cores), unmeasured('onnx', cores)] : [measured(profile)];
}

function onThisMachine(work: EstimatedWork, profile: MachineProfile | undefined): ComputeCandidate {
  const { range, plans, parts } = work;
  const measuredAt = profile && { measuredAt: profile.measuredAt };
  return { target: 'local', seconds: range.upper, range, plans: [...plans], parts: partsOf(parts), ...measuredAt, work };
}

/** A function costs in proportion to its memory. @param mebibytes of memory */
function onLambda(work: EstimatedWork, mebibytes: number): ComputeCandidate {
  return priced('lambda', 'lambda', (functionDollarsPerSecond * mebibytes) / LARGEST_FUNCTION, work);
}

/**
 * AWS Batch starts any of the deployment's machines, so the estimate is for the one on which the job takes longest. If
 * the job has a limit of cost, which must hold on each of them, the estimate has the price of the dearest.
 */
function onGpu(
  names: readonly InstanceName[],
  workOf: (name: InstanceName) => EstimatedWork,
  { maxCost }: JobSpec['compute'],
): ComputeCandidate {
  const dearest = Math.max(...names.map((name) => prices.instances[name].onDemand));
  const candidates = names.map((name): ComputeCandidate => {
    const { onDemand, spot } = prices.instances[name];
    const work = workOf(name);
    const candidate = priced('gpu', name, (maxCost === undefined ? onDemand : dearest) / 3600, work);
    return { ...candidate, spotDollars: (candidate.seconds * spot) / 3600 + requestDollars(work) };
  });
  return candidates.reduce((slowest, one) => (one.seconds > slowest.seconds ? one : slowest));
}

function priced(target: 'lambda' | 'gpu', instance: string, perSecond: number, work: EstimatedWork): ComputeCandidate {
  const timed = partsOf(work.parts).map((part) => ({ ...part, dollars: part.seconds * perSecond }));
  const requests = requestDollars(work);
  const parts = [...timed, { part: 'requests' as const, seconds: 0, dollars: requests }];
  const { low, expected, upper } = work.range;
  const costOf = (seconds: number): number => seconds * perSecond + requests;
  return {
    target,
    instance,
    seconds: work.range.upper,
    range: work.range,
    plans: [...work.plans],
    dollars: costOf(upper),
    dollarsRange: { low: costOf(low), expected: costOf(expected), upper: costOf(upper) },
    dollarsPerHour: perSecond * 3600,
    parts,
    prices: pricedOn,
    work,
  };
}

function partsOf({ start, features, train, evaluate }: EstimatedWork['parts']) {
  return [
    { part: 'start' as const, seconds: start },
    { part: 'features' as const, seconds: features },
    { part: 'train' as const, seconds: train },
    { part: 'evaluate' as const, seconds: evaluate },
  ];
}

/**
 * Each image is read once, or once per epoch. Shards, checkpoints, records and the package are a few hundred writes.
 */
function requestDollars({ reads }: EstimatedWork): number {
  return reads * prices.s3.get + 300 * prices.s3.put;
}
