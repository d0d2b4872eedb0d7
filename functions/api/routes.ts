import { addFiles } from './add-files.ts';
import { batchPredict } from './batch-predict.ts';
import { cancelJob } from './cancel-job.ts';
import { completeUpload } from './complete-upload.ts';
import { createEstimate } from './create-estimate.ts';
import { createUpload } from './create-upload.ts';
import { deleteAlias } from './delete-alias.ts';
import { deleteDataset } from './delete-dataset.ts';
import { deleteGate } from './delete-gate.ts';
import { deleteKeeping } from './delete-keeping.ts';
import { deleteModel } from './delete-model.ts';
import { deleteRetention } from './delete-retention.ts';
import { deleteVersion } from './delete-version.ts';
import { evaluate } from './evaluate.ts';
import { exportModel } from './export-model.ts';
import { finishJob } from './finish-job.ts';
import { getAlias } from './get-alias.ts';
import { getDataset } from './get-dataset.ts';
import { getDocs, getDocsAsset } from './get-docs.ts';
import { getDrift } from './get-drift.ts';
import { getGate } from './get-gate.ts';
import { getJob } from './get-job.ts';
import { getJobEvents } from './get-job-events.ts';
import { getKeeping } from './get-keeping.ts';
import { getModel } from './get-model.ts';
import { getModelDiff } from './get-model-diff.ts';
import { getOpenapi } from './get-openapi.ts';
import { getRetention } from './get-retention.ts';
import { getVersion } from './get-version.ts';
import { getVersionReport } from './get-version-report.ts';
import { health } from './health.ts';
import { listBackbones } from './list-backbones.ts';
import { listDatasetFiles } from './list-dataset-files.ts';
import { listDatasetImages } from './list-dataset-images.ts';
import { listDatasetVersions } from './list-dataset-versions.ts';
import { listDatasets } from './list-datasets.ts';
import { listEvaluatedImages } from './list-evaluated-images.ts';
import { listJobFiles } from './list-job-files.ts';
import { listJobs } from './list-jobs.ts';
import { listKeptPredictions } from './list-kept-predictions.ts';
import { listModels } from './list-models.ts';
import { listVersionFiles } from './list-version-files.ts';
import { listVersions } from './list-versions.ts';
import { predict } from './predict.ts';
import { readDatasetLabels } from './read-dataset-labels.ts';
import { retryJob } from './retry-job.ts';
import { rollBackAlias } from './roll-back-alias.ts';
import type { Route } from './route.ts';
import { setAlias } from './set-alias.ts';
import { setDatasetLabels } from './set-dataset-labels.ts';
import { setGate } from './set-gate.ts';
import { setKeeping } from './set-keeping.ts';
import { setRetention } from './set-retention.ts';
import { submitJob } from './submit-job.ts';

/** The one table of routes. */
export const routes: readonly Route[] = [
  createUpload,
  addFiles,
  completeUpload,
  getDataset,
  listDatasets,
  listDatasetFiles,
  listDatasetVersions,
  listDatasetImages,
  setDatasetLabels,
  readDatasetLabels,
  deleteDataset,
  submitJob,
  getJob,
  getJobEvents,
  listJobFiles,
  listJobs,
  cancelJob,
  finishJob,
  retryJob,
  listModels,
  getModel,
  deleteModel,
  listVersions,
  getVersion,
  getVersionReport,
  listVersionFiles,
  deleteVersion,
  getAlias,
  setAlias,
  deleteAlias,
  rollBackAlias,
  getGate,
  setGate,
  deleteGate,
  getModelDiff,
  getKeeping,
  setKeeping,
  deleteKeeping,
  getRetention,
  setRetention,
  deleteRetention,
  listKeptPredictions,
  getDrift,
  listEvaluatedImages,
  predict,
  batchPredict,
  evaluate,
  exportModel,
  createEstimate,
  listBackbones,
  health,
  getOpenapi(() => routes),
  getDocs(() => routes),
  getDocsAsset,
];
