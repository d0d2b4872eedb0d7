/** Which objects each part may read, write and delete, by the first segment of their keys. Data only; docs/security.md explains it. */
import type { FunctionName } from './bundles/functions.ts';

/** Key prefixes of the data bucket. */
type DataPrefix =
  | 'active'
  | 'blobs'
  | 'checkpoints'
  | 'checks'
  | 'datasets'
  | 'features'
  | 'idempotency'
  | 'inputs'
  | 'jobs'
  | 'manifests'
  | 'reports'
  | 'upload-parts'
  | 'uploads';

/** Key prefixes of the model bucket. */
type ModelPrefix = 'models' | 'own-models' | 'registry' | 'trunks' | 'weights';

export interface Access<Prefix extends string> {
  readonly read?: readonly Prefix[];
  readonly write?: readonly Prefix[];
  readonly delete?: readonly Prefix[];
}

export interface ObjectAccess {
  readonly data: Access<DataPrefix>;
  readonly models: Access<ModelPrefix>;
}

/** What trains, in a Lambda function or in a container. */
const training: ObjectAccess = {
  data: {
    read: ['active', 'blobs', 'checkpoints', 'checks', 'datasets', 'features', 'jobs', 'manifests', 'reports'],
    write: ['checkpoints', 'features', 'jobs'],
    delete: ['active', 'checkpoints', 'features'],
  },
  models: {
    read: ['models', 'own-models', 'registry', 'trunks', 'weights'],
    write: ['models', 'registry', 'trunks', 'weights'],
    delete: ['own-models', 'trunks', 'weights'],
  },
};

export const objectAccess: Readonly<Record<FunctionName, ObjectAccess>> = {
  api: {
    data: {
      read: ['active', 'blobs', 'datasets', 'idempotency', 'jobs', 'manifests', 'reports', 'upload-parts', 'uploads'],
      // Blobs: a signed upload may do what the role may that signed it.
      write: ['active', 'blobs', 'idempotency', 'inputs', 'jobs', 'upload-parts', 'uploads'],
      delete: ['active'],
    },
    models: { read: ['models', 'own-models', 'registry', 'weights'], write: ['registry'] },
  },
  predict: { data: {}, models: { read: ['models', 'registry'] } },
  import: {
    data: {
      read: ['blobs', 'checks', 'datasets', 'manifests', 'reports', 'upload-parts', 'uploads'],
      write: ['blobs', 'checks', 'datasets', 'manifests', 'reports', 'uploads'],
      delete: ['checks', 'manifests', 'upload-parts'],
    },
    models: {},
  },
  dispatch: { data: { read: ['active', 'jobs'], write: ['active', 'jobs'], delete: ['active'] }, models: {} },
  track: { data: { read: ['active', 'jobs'], write: ['active', 'jobs'], delete: ['active'] }, models: {} },
  webhooks: { data: { read: ['jobs'] }, models: {} },
  train: training,
};
