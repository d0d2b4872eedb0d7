import { addFiles } from './add-files.ts';
import { cancelJob } from './cancel-job.ts';
import { completeUpload } from './complete-upload.ts';
import { createUpload } from './create-upload.ts';
import { getDataset } from './get-dataset.ts';
import { getJob } from './get-job.ts';
import { getModel } from './get-model.ts';
import { health } from './health.ts';
import { listBackbones } from './list-backbones.ts';
import { listDatasets } from './list-datasets.ts';
import { listJobs } from './list-jobs.ts';
import { listModels } from './list-models.ts';
import { predict } from './predict.ts';
import type { Route } from './route.ts';
import { submitJob } from './submit-job.ts';

/** The one table of routes. */
export const routes: readonly Route[] = [
  createUpload,
  addFiles,
  completeUpload,
  getDataset,
  listDatasets,
  submitJob,
  getJob,
  listJobs,
  cancelJob,
  listModels,
  getModel,
  predict,
  listBackbones,
  health,
];
