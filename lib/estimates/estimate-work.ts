import { sum } from '../arithmetic.ts';
import type { PlanEstimate, SecondsRange } from '../contracts/compute.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { hasTail } from '../freezing/cut-plan.ts';
import { mayTrainOwnModel } from '../search/may-train-own-model.ts';
import { coverPlans, estimatePlans, type TimedPlan } from './estimate-plans.ts';
import type { JobWork } from './job-work.ts';
import { inOnnx, type MachineSpeed } from './machine-speeds.ts';
import { noneStored, type StoredImagesOf } from './stored-images.ts';

/** The work of a job on one kind of machine, and what decides whether it can run there. */
export interface EstimatedWork {
  readonly range: SecondsRange;
  readonly plans: readonly PlanEstimate[];
  /** Of the upper end. */
  readonly parts: TimedPlan['parts'];
  /** Bytes that the job needs, and that the machine has. */
  readonly memory: { readonly needed: number; readonly there: number };
  /** Bytes of features that the job reads at the same time, for which the machine needs temporary files. */
  readonly featureFiles: number;
  /** Whether layers of the backbone train; `maybe` if strategy `auto` decides. */
  readonly trainsTail: 'yes' | 'maybe' | 'no';
  /** Number of images to train on. */
  readonly trainingImages: number;
  /** Number of objects that the job reads. */
  readonly reads: number;
}

/** Estimates a job on machines, one of which will run it. @throws SpecError as estimatePlans */
export function estimateWork(
  spec: JobSpec,
  report: DatasetReport,
  machines: readonly [MachineSpeed, ...MachineSpeed[]],
  storedOf: StoredImagesOf = noneStored,
): EstimatedWork {
  const trainingImages = report.accepted * spec.split.train;
  const covered = speedsFor(spec, machines).map((machine) => {
    const plans = estimatePlans(spec, report, machine, storedOf);
    return { machine, plans, ...coverPlans(plans, trainingImages) };
  });
  const longest = covered.reduce((most, one) => (one.upper > most.upper ? one : most));
  const { work, parts } = longest.longest;
  const usual = covered.map(({ expected }) => expected);
  return {
    range: {
      low: Math.min(...covered.map(({ low }) => low)),
      expected: Math.max(...usual),
      upper: longest.upper,
    },
    plans: covered.flatMap(({ plans }) => plans.map(({ estimate }) => estimate)),
    parts,
    memory: { needed: memoryOf(longest.plans), there: longest.machine.memory },
    // Of the plan that strategy `auto` falls back to, as the memory.
    featureFiles: longest.plans[0].work.featureFiles,
    trainsTail: trainsTailOf(longest.plans),
    trainingImages,
    reads: readsOf(work),
  };
}

/** Layers of a user's own model train in ONNX Runtime on a CPU, whatever runtimes and GPUs a machine has. */
function speedsFor(spec: JobSpec, machines: readonly MachineSpeed[]): readonly MachineSpeed[] {
  if (!mayTrainOwnModel(spec)) return machines;
  return machines.map(inOnnx);
}

/** Strategy `auto` leaves out work that does not fit into memory. */
function memoryOf([first]: readonly [TimedPlan, ...TimedPlan[]]): number {
  return first.work.memory;
}

function trainsTailOf(plans: readonly TimedPlan[]): EstimatedWork['trainsTail'] {
  const tails = plans.filter(({ work }) => hasTail(work.option.plan));
  return tails.length === plans.length ? 'yes' : tails.length > 0 ? 'maybe' : 'no';
}

function readsOf({ frozen, variants, trainings }: JobWork): number {
  const decoded = trainings.filter(({ decodes }) => decodes);
  return (
    sum(frozen.map(({ images, stored }) => (stored >= images ? 0 : images))) +
    sum(variants.map(({ images }) => images)) +
    sum(decoded.map(({ images, validationImages, epochs }) => (images + validationImages) * epochs.most))
  );
}
