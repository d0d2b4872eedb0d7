/**
 * The catalogue of keys: one row for each first segment. It defines the bucket (lib/aws), the medium of the embedded
 * store (lib/local), the retention (retention.ts) and the permissions of the roles (infra/object-access.ts). A test
 * compares it with docs/architecture.md.
 */
import type { KeyKind } from './key-kind.ts';

/** The rows of the catalogue by name. Rows list only what differs from the defaults of KeyKind. */
export const storeKeys = {
  // Images and data sets. The import function is also the garbage collector: it deletes unreferenced objects.
  blobs: {
    prefix: 'blobs/',
    patterns: ['<2>/<sha256>'],
    holds: "an image's bytes",
    // The API signs uploads, which have the permissions of its role. The import writes files with labels.
    access: { api: 'rw', predict: 'r', import: 'rwd', train: 'r', extract: 'r' },
  },
  // Stored name; elsewhere: object locations.
  objectLocations: {
    prefix: 'places/',
    patterns: ['<upload>/'],
    holds: 'locations of images that stay in S3, with ETag or version',
    access: { api: 'r', import: 'rwd', train: 'r', extract: 'r' },
  },
  checks: {
    prefix: 'checks/',
    patterns: ['<rules>/<page>.json'],
    holds: 'results of decoding images, in pages of neighbouring SHA-256s',
    access: { import: 'rwd', train: 'r', extract: 'r' },
  },
  uploads: {
    prefix: 'uploads/',
    patterns: ['<id>.json'],
    holds: 'the record of an upload; removed 30 days after its end',
    // A function that checks a part of an import writes its progress.
    access: { api: 'rw', import: 'rwd', track: 'rw', extract: 'rw' },
  },
  importing: {
    prefix: 'importing/',
    patterns: ['<upload>'],
    holds: 'a mark for each import that has not ended',
    medium: 'row',
    access: { api: 'w', track: 'rd' },
  },
  uploadParts: {
    prefix: 'upload-parts/',
    patterns: ['<id>/<sha256>'],
    holds: 'the files that an upload names; removed when the upload has ended',
    // The import records the images that stay in S3.
    access: { api: 'rw', import: 'rwd' },
  },
  manifests: {
    prefix: 'manifests/',
    patterns: ['<digest>.jsonl', '<digest>/<shard>.jsonl'],
    holds: 'the images of a data set version, with their labels',
    // The API makes versions with new labels.
    access: { api: 'rw', import: 'rwd', train: 'r', extract: 'r' },
  },
  reports: {
    prefix: 'reports/',
    patterns: ['<name>/<digest>.json', '<name>/<digest>.suspects.json', '<name>/<digest>.labels.json'],
    holds: 'the report of a version, its images whose labels may be wrong, and who set which label',
    // A training job writes the suspects that it finds in the features.
    access: { api: 'rw', import: 'rwd', train: 'rw' },
  },
  datasets: {
    prefix: 'datasets/',
    patterns: ['<name>.json'],
    holds: 'the versions of a data set',
    access: { api: 'rw', import: 'rw', train: 'r', extract: 'r' },
  },
  collection: {
    prefix: 'collection/',
    patterns: ['state.json', 'marks/<id>.json'],
    holds: "the garbage collector's state, and the keys that it is about to remove",
    // The API reads the marks, because it must not rely on marked objects.
    access: { api: 'r', import: 'rwd', track: 'rw' },
  },
  deletions: {
    prefix: 'deletions/',
    holds: 'deletion notes of earlier versions of Graft; nothing is written there any more',
    access: { import: 'd' },
  },

  // Backbones and models.
  weights: {
    prefix: 'weights/',
    patterns: ['sha256/<sha256>', 'official/<name>.json', 'imported/<backbone>.json', 'incomplete/'],
    holds: 'weight files by content, which of them are official or imported, and unfinished downloads',
    bucket: 'models',
    access: { api: 'r', train: 'rwd', extract: 'rwd' },
  },
  ownModels: {
    prefix: 'own-models/',
    patterns: ['<sha256>'],
    holds: "a user's own model that serves as backbone, or the graph of a version that does, as ONNX",
    bucket: 'models',
    // A submission copies the graph of a version.
    access: { api: 'rwd', train: 'rd', extract: 'r' },
  },
  trunks: {
    prefix: 'trunks/',
    patterns: ['<key>.json', '<key>.onnx'],
    holds: 'a frozen backbone as a graph; its key is derived from weights, cut, pooling, input size and int8 calibration',
    bucket: 'models',
    access: { api: 'r', import: 'rd', train: 'rw', extract: 'rw' },
  },
  models: {
    prefix: 'models/',
    patterns: ['<name>/<job>-<attempt>-<worker>/'],
    holds: 'a package: model.onnx, labels.json, card.json, history.json, result.json, reference predictions, report, scores',
    bucket: 'models',
    // The import function deletes the packages of expired versions, and those that were never published.
    access: { api: 'rd', predict: 'r', import: 'rd', train: 'rw' },
  },
  registry: {
    prefix: 'registry/',
    patterns: ['<name>.json'],
    holds: "a model's versions and aliases",
    bucket: 'models',
    // The import function reads how long predictions are kept, and removes expired versions.
    access: { api: 'rw', predict: 'r', import: 'rw', train: 'rw' },
  },
  imagenet: {
    prefix: 'imagenet/',
    patterns: ['<name>/'],
    holds: 'a backbone with its own ImageNet top, as a package: model.onnx, card.json',
    bucket: 'models',
    access: { api: 'r', predict: 'r', train: 'r' },
  },

  // Jobs.
  jobs: {
    prefix: 'jobs/',
    patterns: ['<id>.json'],
    holds: 'the record of a job; ids begin with the time left, so that listing is newest first',
    medium: 'row',
    // The import function removes no version that an unfinished job needs.
    access: { api: 'rw', dispatch: 'rw', track: 'rw', webhooks: 'r', import: 'r', train: 'rw', extract: 'rw' },
  },
  active: {
    prefix: 'active/',
    patterns: ['<id>'],
    holds: 'a mark for each job that has not ended',
    medium: 'row',
    access: { api: 'rwd', dispatch: 'rwd', track: 'rwd', import: 'r', train: 'rwd', extract: 'rwd' },
  },
  slots: {
    prefix: 'slots/',
    patterns: ['<pool>.json'],
    holds: 'the attempts that count towards the limit of trainings at once',
    medium: 'row',
    access: { dispatch: 'rw' },
  },
  inputs: {
    prefix: 'inputs/',
    holds: 'images for batch predictions, which users put there',
    access: { api: 'rw', predict: 'r', train: 'r' },
  },
  predictions: {
    prefix: 'predictions/',
    patterns: ['<job>/'],
    holds: 'the output of batch predictions and evaluations',
    access: { api: 'r', train: 'rw' },
  },

  exports: {
    prefix: 'exports/',
    patterns: ['<job>/'],
    holds: 'the archive of an export',
    expires: { rule: 'exports-can-be-made-again', days: 30 },
    access: { api: 'r', train: 'rw' },
  },

  // Predictions that a model keeps on request. The garbage collector removes them when their days have passed.
  keptPredictions: {
    prefix: 'kept-predictions/',
    patterns: ['<model>/<period>/<version>/<day>/<slot>.json'],
    holds: 'a prediction that its model was asked to keep: label, confidence, novelty score, time',
    medium: 'row',
    access: { api: 'r', predict: 'w', import: 'd' },
  },
  keptImages: {
    prefix: 'kept-images/',
    patterns: ['<model>/<period>/<version>/<day>/<slot>'],
    holds: 'the image of a kept prediction, if the model was asked to keep images, too',
    access: { api: 'r', predict: 'w', import: 'd' },
  },

  // Kept for a limited number of days.
  features: {
    prefix: 'features/',
    patterns: ['<trunk key>[+<variant>]/<hash of processor and images>'],
    holds: 'shards of features',
    expires: { rule: 'features-can-be-made-again', days: 'featureDays' },
    // The garbage collector and estimates read which images a shard contains.
    access: { api: 'r', import: 'rd', train: 'rw', extract: 'rw' },
  },
  splits: {
    prefix: 'splits/',
    patterns: ['<digest>-<hash of ancestors, shares and seed>'],
    holds: "the sets of a version's images and of those of its ancestors, with which splits of later versions begin",
    expires: { rule: 'splits-can-be-made-again', days: 'featureDays' },
    access: { import: 'd', train: 'rw' },
  },
  answers: {
    prefix: 'answers/',
    patterns: ['<hash of idempotency key>.json'],
    holds: 'idempotency keys with their answers',
    medium: 'row',
    // Clients repeat requests within minutes. docs/api.md guarantees a day.
    expires: { rule: 'answers-to-repeated-requests', days: 7 },
    access: { api: 'rw' },
  },
  idempotency: {
    prefix: 'idempotency/',
    holds: 'idempotency keys of earlier versions of Graft; nothing is written there any more',
    medium: 'row',
    expires: { rule: 'keys-of-repeated-requests', days: 7 },
    access: {},
  },
  events: {
    prefix: 'events/',
    patterns: ['<job>/<attempt>-<segment>.json'],
    holds: 'the events of jobs; the record stays, with states, error and result',
    medium: 'row',
    expires: { rule: 'events-of-jobs', days: 90 },
    access: { api: 'rw', dispatch: 'rw', track: 'rw', train: 'rw' },
  },
  webhooks: {
    prefix: 'webhooks/',
    patterns: ['<job>'],
    holds: 'the state of the delivery of each webhook',
    medium: 'row',
    // A dead letter is kept for 14 days, and may be sent once more after that.
    expires: { rule: 'marks-of-sent-webhooks', days: 30 },
    access: { api: 'r', webhooks: 'rw' },
  },
  refused: {
    prefix: 'refused/',
    patterns: ['<upload>.json'],
    holds: 'the files that made an upload fail',
    expires: { rule: 'files-of-failed-uploads', days: 30 },
    access: { api: 'r', import: 'w' },
  },
  extractions: {
    prefix: 'extractions/',
    patterns: [
      '<job>/<attempt>/plan.json',
      '<job>/<attempt>/images/<sha256>',
      '<job>/<attempt>/calls/<part>.json',
      '<job>/<attempt>/done/<level>-<number>',
    ],
    holds: 'the parts of an extraction by functions: their images, the calls of each part, and what is done',
    expires: { rule: 'parts-of-extractions', days: 7 },
    // The tracker completes parts whose functions died before they had done so.
    access: { track: 'rw', extract: 'rw' },
  },
  imports: {
    prefix: 'imports/',
    patterns: [
      '<upload>/plan.json',
      '<upload>/contents/<sha256>',
      '<upload>/calls/<part>.json',
      '<upload>/found/<rules>/<part>-<segment>.json',
      '<upload>/done/<level>-<number>',
      '<upload>/joined',
    ],
    holds: 'the parts of an import by functions: their images, the calls of each part, their checks, and what is done',
    expires: { rule: 'parts-of-imports', days: 7 },
    // The tracker completes parts whose functions died before they had done so.
    access: { import: 'rw', track: 'rw', extract: 'rw' },
  },
  checkpoints: {
    prefix: 'checkpoints/',
    patterns: ['<job>/'],
    holds: 'the state that the next attempt continues from',
    expires: { rule: 'forgotten-checkpoints', days: 30 },
    access: { train: 'rwd' },
  },
} as const satisfies Readonly<Record<string, KeyKind>>;

/** The rows of the catalogue, in order. */
export const keyKinds: readonly KeyKind[] = Object.values(storeKeys);
