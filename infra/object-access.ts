/** Which objects each part may read, write and delete, by the first segment of their keys. Data only; docs/security.md explains it. */
import type { FunctionName } from './bundles/functions.ts';

/** Key prefixes of the data bucket. */
type DataPrefix =
  | 'active'
  | 'answers'
  | 'blobs'
  | 'checkpoints'
  | 'checks'
  | 'collection'
  | 'datasets'
  | 'deletions'
  | 'events'
  | 'features'
  | 'inputs'
  | 'jobs'
  | 'manifests'
  | 'places'
  | 'predictions'
  | 'refused'
  | 'reports'
  | 'slots'
  | 'upload-parts'
  | 'uploads'
  | 'webhooks';

/** Key prefixes of the model bucket. */
type ModelPrefix = 'imagenet' | 'models' | 'own-models' | 'registry' | 'trunks' | 'weights';

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
    read: [
      'active',
      'blobs',
      'checkpoints',
      'checks',
      'datasets',
      'events',
      'features',
      'inputs',
      'jobs',
      'manifests',
      'places',
      'predictions',
      'reports',
    ],
    // Reports: whose labels look wrong, as its features show.
    write: ['active', 'checkpoints', 'events', 'features', 'jobs', 'predictions', 'reports'],
    delete: ['active', 'checkpoints'],
  },
  models: {
    read: ['imagenet', 'models', 'own-models', 'registry', 'trunks', 'weights'],
    write: ['models', 'registry', 'trunks', 'weights'],
    delete: ['own-models', 'weights'],
  },
};

/** What changes the state of jobs. */
const jobKeeping: ObjectAccess = {
  data: { read: ['active', 'events', 'jobs'], write: ['active', 'events', 'jobs'], delete: ['active'] },
  models: {},
};

export const objectAccess: Readonly<Record<FunctionName, ObjectAccess>> = {
  api: {
    data: {
      read: [
        'active',
        'answers',
        'blobs',
        // Removal marks: what they name is not to be relied on.
        'collection',
        'datasets',
        'events',
        'inputs',
        'jobs',
        'manifests',
        'places',
        'predictions',
        'refused',
        'reports',
        'upload-parts',
        'uploads',
        'webhooks',
      ],
      // Blobs: a signed upload may do what the role may that signed it.
      write: ['active', 'answers', 'blobs', 'datasets', 'events', 'inputs', 'jobs', 'upload-parts', 'uploads'],
      delete: ['active'],
    },
    models: {
      read: ['imagenet', 'models', 'own-models', 'registry', 'trunks', 'weights'],
      write: ['registry'],
      delete: ['models'],
    },
  },
  // Images that a request names by their address (lib/inference/read-uri.ts).
  predict: { data: { read: ['blobs', 'inputs'] }, models: { read: ['imagenet', 'models', 'registry'] } },
  import: {
    data: {
      // Features: the garbage collector reads which images a shard is of.
      read: [
        'blobs',
        'checks',
        'collection',
        'datasets',
        'features',
        'manifests',
        'places',
        'reports',
        'upload-parts',
        'uploads',
      ],
      // Upload parts: what it has found of images that stay where they are. Blobs: their labels.
      write: [
        'blobs',
        'checks',
        'collection',
        'datasets',
        'manifests',
        'places',
        'refused',
        'reports',
        'upload-parts',
        'uploads',
      ],
      // Places: also those that a version had before it was imported again. The rest: what nothing refers to any more.
      delete: ['blobs', 'checks', 'collection', 'deletions', 'features', 'manifests', 'places', 'reports', 'upload-parts'],
    },
    models: { read: ['trunks'], delete: ['trunks'] },
  },
  dispatch: {
    data: { ...jobKeeping.data, read: ['active', 'events', 'jobs', 'slots'], write: ['active', 'events', 'jobs', 'slots'] },
    models: {},
  },
  track: {
    data: {
      read: ['active', 'collection', 'events', 'jobs', 'uploads'],
      write: ['active', 'collection', 'events', 'jobs', 'uploads'],
      delete: ['active'],
    },
    models: {},
  },
  webhooks: { data: { read: ['jobs', 'webhooks'], write: ['webhooks'] }, models: {} },
  train: training,
};
