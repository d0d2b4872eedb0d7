import type { BackboneComparison } from '../contracts/backbone-comparison.ts';
import { TrainingRuntime } from '../contracts/compute.ts';
import type { CrossValidation, JobRecord, JobResult } from '../contracts/job.ts';
import type { NoveltyOmitted } from '../contracts/novelty.ts';
import type { SearchResult } from '../contracts/search-spec.ts';
import { classifierGraph } from '../models/classifier-graph.ts';
import { describeCalibration } from '../models/describe-calibration.ts';
import { publishModel } from '../models/publish-model.ts';
import { precisionThresholds } from '../reports/measure/precision-thresholds.ts';
import type { NoveltyDetector } from '../training/novelty/fit-novelty.ts';
import type { CalibratedNetwork } from './calibrate-network.ts';
import type { TrainedNetwork } from './network.ts';
import { referenceImages } from './reference-images.ts';
import type { ServedNetwork } from './retrain-on-all.ts';
import { stage, type TrainingContext, taskOf } from './training-context.ts';

/** The results of all steps of a job. */
export interface TrainingResult {
  readonly trained: TrainedNetwork;
  readonly calibrated: CalibratedNetwork;
  readonly served: ServedNetwork;
  readonly novelty: NoveltyDetector | NoveltyOmitted | undefined;
  /** Of the evaluated images, encoded; undefined if they could not be made. */
  readonly scores: Uint8Array | undefined;
  readonly metrics: JobResult['metrics'];
  readonly crossValidation: CrossValidation | undefined;
  readonly backbones: BackboneComparison | undefined;
  readonly search: SearchResult | undefined;
}

/**
 * Publishes the served network as a new version of the job's model.
 * @param job as submitted; the context has the spec that was trained, which a comparison of backbones or a search may change
 * @throws as publishModel
 */
export async function publishResult(
  { trained, calibrated, served, novelty, scores, metrics, crossValidation, backbones, search }: TrainingResult,
  job: JobRecord,
  context: TrainingContext,
): Promise<JobResult> {
  const { world, jobContext, dataset, work } = context;
  const { spec } = context.job;
  const { trunk, processor, training, history, bestEpoch } = trained;
  const { calibration, thresholds, held } = calibrated;
  const { name, reason, evidence, finishedEarly } = served.strategy;
  jobContext.report(stage('publish'));
  return publishModel(
    job,
    {
      spec: { ...spec, training },
      trunk,
      processor,
      precision: context.precision,
      onnx: classifierGraph({ trunk, network: served.model, task: taskOf(job), novelty }),
      task: taskOf(job),
      labels: dataset.labels,
      datasetDigest: dataset.digest,
      runtime: served.network.runtime,
      temperature: calibration.temperature,
      calibration: describeCalibration(calibration, held),
      thresholds,
      novelty,
      abstention: precisionThresholds(calibration.heldOut),
      referenceImages: await referenceImages(trunk, context),
      scores,
      history,
      result: {
        model: spec.name,
        strategy: { name, cut: trunk.cut, reason, evidence: { ...evidence }, ...(finishedEarly && { finishedEarly }) },
        runtime: TrainingRuntime.parse(served.network.runtime.name),
        ...work.total(),
        metrics,
        ...(crossValidation && { crossValidation }),
        ...(backbones && { backbones }),
        ...(search && { search }),
        bestEpoch,
      },
    },
    world,
    jobContext.beginPublishing,
  );
}
