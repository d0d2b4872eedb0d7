import { availableParallelism } from 'node:os';
import type { ComputeTarget, JobEstimate } from '../contracts/compute.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { resolveSearch } from '../search/trial-spec.ts';
import { type Candidate, chooseCompute } from './choose-compute.ts';
import { type JobWork, jobWork } from './job-work.ts';
import { instances, lambda, type MachineSpeed, perCore, thisMachine, WASM } from './machine-speeds.ts';
import { type InstanceName, prices } from './prices.ts';
import { searchWork } from './search-work.ts';

/** Where the job may run. */
export interface Place {
  /** What this Graft can start jobs on; without it, this machine. */
  readonly targets?: readonly ComputeTarget[] | undefined;
  /** Of this machine; default: all. */
  readonly cores?: number;
}

/**
 * What a job is expected to take, and where: an upper bound, since it counts every epoch, and no features that are there already.
 * @param spec defaults written out; the data set's size and classes come from `report`
 * @throws SpecError COMPUTE_TARGET_UNAVAILABLE, COMPUTE_TARGET_UNSUITED as chooseCompute; those of backboneCost
 */
export function estimateJob(spec: JobSpec, report: DatasetReport, { targets = ['local'], cores }: Place = {}): JobEstimate {
  const { search } = spec;
  const work = search === undefined ? jobWork(spec, report) : searchWork({ ...spec, search: resolveSearch(search) }, report);
  const candidates = targets.flatMap((target) => candidatesOf(target, work, cores ?? availableParallelism()));
  return chooseCompute(spec.compute, work, candidates);
}

function candidatesOf(target: ComputeTarget, work: JobWork, cores: number): Candidate[] {
  if (target === 'local') return [onThisMachine(work, cores)];
  if (target === 'lambda') return [onLambda(work)];
  return instanceNames.map((name) => onInstance(name, work));
}

const instanceNames: readonly InstanceName[] = ['g4dn.xlarge', 'g6.xlarge', 'g5.xlarge'];
const pricedOn = { date: prices.date, region: prices.region };

/** Its training may run in WebAssembly, which is slower: that is not known before a job starts. */
function onThisMachine(work: JobWork, cores: number): Candidate {
  const machine = thisMachine(cores, { native: false });
  const parts = partsOn(machine, work);
  return { target: 'local', seconds: total(parts), parts, memory: machine.memory };
}

function onLambda(work: JobWork): Candidate {
  const { lambda: price } = prices;
  const gigabytes = lambda.memory / 2 ** 30;
  const perSecond = gigabytes * (price.gigabyteSecond + price.storageGigabyteSecond);
  return priced('lambda', 'lambda', perSecond, lambda, work);
}

function onInstance(name: InstanceName, work: JobWork): Candidate {
  const { onDemand, spot } = prices.instances[name];
  const candidate = priced('gpu', name, onDemand / 3600, instances[name], work);
  return { ...candidate, spotDollars: (candidate.seconds * spot) / 3600 + requestDollars(work) };
}

function priced(target: 'lambda' | 'gpu', instance: string, perSecond: number, machine: MachineSpeed, work: JobWork): Candidate {
  const timed = partsOn(machine, work).map((part) => ({ ...part, dollars: part.seconds * perSecond }));
  const parts = [...timed, { part: 'requests' as const, seconds: 0, dollars: requestDollars(work) }];
  return {
    target,
    instance,
    seconds: total(parts),
    dollars: parts.reduce((sum, { dollars }) => sum + dollars, 0),
    dollarsPerHour: perSecond * 3600,
    parts,
    prices: pricedOn,
    memory: machine.memory,
  };
}

/** Building, exporting and loading a backbone of so many parameters. */
const PARAMETERS_PER_SECOND = 20e6;
/** Of one step of the optimizer, whatever its size. */
const STEP_SECONDS = 0.01;

function partsOn(
  { cores, training, startSeconds }: MachineSpeed,
  { features, train, tuning, search, evaluate, pixels, parameters }: JobWork,
) {
  const decode = (images: number): number =>
    (images * (pixels.file / perCore.decodedPixels + pixels.input / perCore.resizedPixels)) / cores;
  // In WebAssembly strategy auto stays with a head.
  const tuned = tuning === undefined || training === WASM ? 0 : Math.min(tuning.multiplyAdds / training, tuning.mostSeconds);
  const learning = (work: JobWork['train']): number =>
    work.multiplyAdds / training + work.steps * STEP_SECONDS + decode(work.images);
  const searched = search === undefined ? 0 : Math.min(learning(search), search.mostSeconds);
  return [
    { part: 'start' as const, seconds: startSeconds + parameters / PARAMETERS_PER_SECOND },
    { part: 'features' as const, seconds: features.multiplyAdds / (cores * perCore.trunk) + decode(features.images) },
    {
      part: 'train' as const,
      seconds: learning(train) + tuned + searched,
    },
    { part: 'evaluate' as const, seconds: evaluate.multiplyAdds / training + parameters / PARAMETERS_PER_SECOND },
  ];
}

/** Each image is read once, or once an epoch; shards, checkpoints, records and the package are some hundred writes. */
function requestDollars({ features, train }: JobWork): number {
  return (features.images + train.images) * prices.s3.get + 300 * prices.s3.put;
}

function total(parts: readonly { readonly seconds: number }[]): number {
  return parts.reduce((sum, { seconds }) => sum + seconds, 0);
}
