import type { JobEstimate } from '../contracts/compute.ts';
import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { labelledPart } from '../datasets/checks/check-trainable.ts';
import { fixLineage } from '../datasets/versions/fixed-lineage.ts';
import { readReport } from '../datasets/versions/report-store.ts';
import { SpecError } from '../errors.ts';
import { firstTrunkEnd } from '../features/first-trunk-end.ts';
import { mayCompareCrops } from '../freezing/may-compare-crops.ts';
import type { World } from '../ports.ts';
import { checkWebhook } from '../webhooks/check-webhook.ts';
import { comparesCrops } from './compares-crops.ts';
import { type ComputeOption, estimateJob } from './estimate-job.ts';
import { functionOption } from './extraction-functions.ts';
import { firstPassSeconds, staysAtTop } from './first-pass.ts';
import { checkEstimate, checkPrices } from './limits.ts';
import { machineOf } from './machine-speeds.ts';
import type { KnownModels } from './resolve-backbone.ts';
import { resolveSpec } from './resolve-spec.ts';
import { spreadExtraction } from './spread-extraction.ts';
import { findStoredFeatures } from './stored-features.ts';
import { fitOf, type StoredImagesOf, storedFor } from './stored-images.ts';

/** A job that can be submitted, with its estimate. */
export interface PlannedJob {
  /** With all defaults written out, and the data set pinned to its digest. */
  readonly spec: JobSpec;
  readonly estimate: JobEstimate;
  /** The digest of the ancestors by which the job splits the version. */
  readonly datasetLineage: string;
}

/**
 * Checks and estimates a job before it costs anything. Does not check its limits, because a caller of an estimate wants
 * to see it.
 * @param known as of resolveSpec
 * @throws as resolveSpec, estimateJob, checkWebhook
 */
export async function estimatePlan(wanted: JobSpec, world: World, known: KnownModels = {}): Promise<PlannedJob> {
  if (wanted.webhook !== undefined) checkWebhook(wanted.webhook.url, world);
  const resolved = await resolveSpec(wanted, world.store, known);
  const report = labelledPart(await readReport(resolved.dataset, world.store));
  const available = { ...world, profile: await world.machineProfile?.() };
  const spec = withFit(resolved, report, available);
  const storedOf = await findStoredFeatures(spec, report, world);
  const estimate = estimateSpread(spec, report, { ...available, storedOf });
  const cachedFeatures = cachedShare(spec, report, storedOf);
  const datasetLineage = await fixLineage(spec.dataset, world.store);
  return { spec, estimate: { ...estimate, ...(cachedFeatures > 0 && { cachedFeatures }) }, datasetLineage };
}

type AvailableCompute = ComputeOption & Pick<World, 'maxMachines' | 'maxFunctions'>;

/** The estimate of a job on its machine, and on others that extract its features first if that is worthwhile. */
function estimateSpread(spec: JobSpec, report: DatasetReport, available: AvailableCompute): JobEstimate {
  const { storedOf, functionMemory, maxMachines: machines, maxFunctions } = available;
  const alone = estimateJob(spec, report, available);
  const machine = machineOf(alone, functionMemory);
  const firstPass = machine && staysAtTop(spec) ? firstPassSeconds(spec, report, machine, storedOf) : undefined;
  const functions = functionOption(spec, report, maxFunctions);
  return spreadExtraction(spec, report.accepted, alone, { machines, functions, firstPass });
}

/**
 * Writes out that a job squeezes its images if others would extract its features first, because they cannot know what a
 * comparison chooses. That does not depend on what is stored: the same spec makes the same model.
 */
function withFit(spec: JobSpec, report: DatasetReport, available: AvailableCompute): JobSpec {
  const isAlone = (available.targets ?? ['local']).every((target) => target === 'local');
  if (isAlone || !mayCompareCrops(spec) || !staysAtTop(spec)) return spec;
  const { machines, functions } = withoutStored(spec, report, available) ?? {};
  if (machines === undefined && functions === undefined) return spec;
  return { ...spec, backbone: { ...spec.backbone, cropToAspectRatio: false } };
}

/** @returns undefined if no machine could run the job without stored features */
function withoutStored(spec: JobSpec, report: DatasetReport, available: AvailableCompute): JobEstimate | undefined {
  try {
    return estimateSpread(spec, report, available);
  } catch (error) {
    if (error instanceof SpecError) return undefined;
    throw error;
  }
}

/** The share of the images whose first features are stored. A comparison of backbones or a search has several. */
function cachedShare(spec: JobSpec, report: DatasetReport, storedOf: StoredImagesOf): number {
  if (spec.search !== undefined || spec.backbone.candidates !== undefined) return 0;
  const stored = storedOf(spec.backbone, firstTrunkEnd(spec, Math.round(report.accepted * spec.split.train)));
  return storedFor(stored, fitOf(spec.backbone, comparesCrops(spec, report))).likely / Math.max(1, report.accepted);
}

/** Checks and estimates a job that is to be submitted. @throws as estimatePlan, checkPrices and checkEstimate */
export async function planJob(wanted: JobSpec, world: World): Promise<PlannedJob> {
  const planned = await estimatePlan(wanted, world);
  checkPrices(planned.spec, planned.estimate, world.gpuInstances);
  checkEstimate(planned.spec, planned.estimate);
  return planned;
}
