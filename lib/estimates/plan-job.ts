import type { JobEstimate } from '../contracts/compute.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { labelledPart } from '../datasets/checks/check-trainable.ts';
import { readReport } from '../datasets/versions/report-store.ts';
import type { World } from '../ports.ts';
import { checkWebhook } from '../webhooks/check-webhook.ts';
import { estimateJob } from './estimate-job.ts';
import { functionOption } from './extraction-functions.ts';
import { firstPassSeconds, staysAtTop } from './first-pass.ts';
import { checkEstimate } from './limits.ts';
import { machineOf } from './machine-speeds.ts';
import { resolveSpec } from './resolve-spec.ts';
import { spreadExtraction } from './spread-extraction.ts';

/** A job that can be submitted, with its estimate. */
export interface PlannedJob {
  /** With all defaults written out, and the data set pinned to its digest. */
  readonly spec: JobSpec;
  readonly estimate: JobEstimate;
}

/**
 * Checks and estimates a job before it costs anything. Does not check its limits, because a caller of an estimate wants
 * to see it.
 * @throws as resolveSpec, estimateJob, checkWebhook
 */
export async function estimatePlan(wanted: JobSpec, world: World): Promise<PlannedJob> {
  if (wanted.webhook !== undefined) checkWebhook(wanted.webhook.url, world);
  const spec = await resolveSpec(wanted, world.store);
  const report = labelledPart(await readReport(world.store, spec.dataset));
  const place = { targets: world.targets, profile: await world.machineProfile?.() };
  const alone = estimateJob(spec, report, place);
  const machine = machineOf(alone);
  const firstPass = machine && staysAtTop(spec) ? firstPassSeconds(spec, report, machine) : undefined;
  const functions = functionOption(spec, report, world.maxFunctions);
  const estimate = spreadExtraction(spec, report.accepted, alone, { machines: world.maxMachines, functions, firstPass });
  return { spec, estimate };
}

/** Checks and estimates a job that is to be submitted. @throws as estimatePlan and checkEstimate */
export async function planJob(wanted: JobSpec, world: World): Promise<PlannedJob> {
  const planned = await estimatePlan(wanted, world);
  checkEstimate(planned.spec, planned.estimate);
  return planned;
}
