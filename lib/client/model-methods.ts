import { Drift } from '../contracts/drift.ts';
import { EvaluatedImageList, type EvaluatedImageQuery } from '../contracts/evaluated-images.ts';
import { FileList } from '../contracts/file-link.ts';
import { AliasGate, type Gate } from '../contracts/gate.ts';
import { type BatchPredictInput, ModelList } from '../contracts/http.ts';
import { BatchPredictJob, EvaluateJob, ExportJob } from '../contracts/job.ts';
import { type Keeping, ModelKeeping } from '../contracts/keeping.ts';
import { KeptPredictionList } from '../contracts/kept-predictions.ts';
import { ModelDiff } from '../contracts/model-diff.ts';
import type { ExportInput } from '../contracts/model-export.ts';
import {
  AliasRecord,
  ModelVersionDetails,
  ModelVersionList,
  type RollBackAlias,
  type SetAlias,
} from '../contracts/model-http.ts';
import { ModelRecord } from '../contracts/model-record.ts';
import { ModelReport } from '../contracts/model-report.ts';
import { PredictionResult } from '../contracts/prediction.ts';
import { ModelRetention, type RetentionInput, type RetentionQuery } from '../contracts/retention.ts';
import { type Page, query, type Requests } from './requests.ts';

/** Filters for the list of kept predictions. */
export interface KeptFilter extends Page {
  /** The last days that count; default: all. */
  readonly days?: number | undefined;
  /** Only predictions with an image. */
  readonly images?: boolean | undefined;
  /** Only images unlike those of the data set; with `unsure`: these and those. */
  readonly unknown?: boolean | undefined;
  /** Only predictions less confident than nine tenths of those on the evaluated images. */
  readonly unsure?: boolean | undefined;
}

/** Filters for the list of evaluated images, combined with AND, and their order. */
export type EvaluatedFilter = { readonly [Key in keyof EvaluatedImageQuery]?: EvaluatedImageQuery[Key] | undefined };

/** Options for the result of each image. All have defaults. */
export interface PredictOptions {
  readonly topK?: number | undefined;
  readonly threshold?: number | undefined;
  readonly abstain?: number | undefined;
  /** The precision that predictions should have, by held-out images: the model abstains from less probable ones. */
  readonly precision?: number | undefined;
  /** Explains where in each image the model found evidence for a label; at most 8 images. */
  readonly explain?: boolean | undefined;
  /** The label to explain; default: the most probable one of each image. */
  readonly explainLabel?: string | undefined;
  /** Also draws each explanation over its image, as a PNG. Only for images that are sent as bytes. */
  readonly explainOverlay?: boolean | undefined;
  /** `false`: the model keeps none of these predictions, because they are no traffic. */
  readonly keep?: boolean | undefined;
}

/** An image's bytes, or a location that the deployment may read, and the image's name in the response. */
export type ImageInput = { readonly name: string; readonly bytes: Uint8Array } | { readonly name?: string; readonly uri: string };

/** The methods of the client for models: versions and reports, aliases and gates, retention, predictions, jobs of a model. */
export function modelMethods({ get, post, put, remove, fetchFile }: Requests) {
  const modelUrl = (name: string) => `/v1/models/${encodeURIComponent(name)}`;
  const aliasUrl = (name: string, alias: string) => `${modelUrl(name)}/aliases/${encodeURIComponent(alias)}`;

  return {
    get: (name: string) => get(ModelRecord, modelUrl(name)),
    list: (page: Page = {}) => get(ModelList, `/v1/models${query(page)}`),
    versions: (name: string, page: Page = {}) => get(ModelVersionList, `${modelUrl(name)}/versions${query(page)}`),
    version: (name: string, version: number) => get(ModelVersionDetails, `${modelUrl(name)}/versions/${version}`),
    /**
     * Returns the report of a version.
     * @throws NotFoundError MODEL_REPORT_MISSING
     */
    report: (name: string, version: number) => get(ModelReport, `${modelUrl(name)}/versions/${version}/report`),
    /**
     * Returns the report of a version as an HTML page without external resources.
     * @throws as report
     */
    reportPage: async (name: string, version: number): Promise<string> => {
      const url = `${modelUrl(name)}/versions/${version}/report?format=html`;
      return new TextDecoder().decode(await fetchFile({ request: { method: 'GET', url, headers: {} } }));
    },
    /**
     * Compares two versions on the images that both were evaluated on.
     * @param before a reference: `NAME`, `NAME@VERSION` or `NAME:ALIAS`
     * @param after as before
     * @throws NotFoundError MODEL_SCORES_MISSING; ConflictError COMMON_IMAGES_MISSING, MODELS_INCOMPATIBLE
     */
    diff: (before: string, after: string) => get(ModelDiff, `/v1/model-diff${query({ before, after })}`),
    /** Lists a version's files, each with a signed download request. */
    files: (name: string, version: number) => get(FileList, `${modelUrl(name)}/versions/${version}/files`),
    deleteVersion: (name: string, version: number) => remove(ModelRecord, `${modelUrl(name)}/versions/${version}`),
    /** Deletes a model and all its versions. */
    delete: (name: string) => remove(ModelRecord, `${modelUrl(name)}?versions=all`),
    getAlias: (name: string, alias: string) => get(AliasRecord, aliasUrl(name, alias)),
    /**
     * Points an alias to a version.
     * @throws ConflictError GATE_FAILED if the version does not pass the alias's gate; PRECONDITION_FAILED if
     * `expected` is given and the alias points elsewhere
     */
    setAlias: (name: string, alias: string, to: SetAlias) => put(AliasRecord, aliasUrl(name, alias), to),
    deleteAlias: (name: string, alias: string) => remove(ModelRecord, aliasUrl(name, alias)),
    /**
     * Points the alias back to its previous version.
     * @param move the versions between which the alias should move; default: any
     * @throws ConflictError ALIAS_HAS_NO_PREVIOUS_VERSION; PRECONDITION_FAILED if the alias would move otherwise
     */
    rollback: (name: string, alias: string, move: RollBackAlias = {}) =>
      post(AliasRecord, `${aliasUrl(name, alias)}/rollback`, move),
    getGate: (name: string, alias: string) => get(AliasGate, `${aliasUrl(name, alias)}/gate`),
    /** Sets what a version must meet before the alias moves to it. */
    setGate: (name: string, alias: string, gate: Gate) => put(AliasGate, `${aliasUrl(name, alias)}/gate`, gate),
    deleteGate: (name: string, alias: string) => remove(ModelRecord, `${aliasUrl(name, alias)}/gate`),
    getKeeping: (name: string) => get(ModelKeeping, `${modelUrl(name)}/keeping`),
    /** Makes a model keep a share of its predictions. */
    setKeeping: (name: string, keeping: Partial<Keeping>) => put(ModelKeeping, `${modelUrl(name)}/keeping`, keeping),
    /** Makes a model keep no predictions, and removes those that it has kept. */
    endKeeping: (name: string) => remove(ModelKeeping, `${modelUrl(name)}/keeping`),
    /** Returns which versions of a model expire; with a setting, which ones would expire by it. */
    getRetention: (name: string, setting: RetentionQuery = {}) =>
      get(ModelRetention, `${modelUrl(name)}/retention${query(setting)}`),
    /** Sets which versions of a model stay. The next daily collection removes the others, unless something uses them. */
    setRetention: (name: string, retention: RetentionInput) => put(ModelRetention, `${modelUrl(name)}/retention`, retention),
    /** Keeps all versions of a model from now on. */
    endRetention: (name: string) => remove(ModelRetention, `${modelUrl(name)}/retention`),
    /** Lists predictions that a version has kept. A page may have fewer than `limit`, also if `next` is there. */
    keptPredictions: (ref: string, filter: KeptFilter = {}) =>
      get(KeptPredictionList, `${modelUrl(ref)}/kept-predictions${query(filter)}`),
    /**
     * Compares the predictions that a version has kept with those on the images that it was evaluated on.
     * @throws NotFoundError MODEL_SCORES_MISSING; ConflictError KEPT_PREDICTIONS_TOO_FEW
     */
    drift: (ref: string, options: { readonly days?: number | undefined } = {}) =>
      get(Drift, `${modelUrl(ref)}/drift${query(options)}`),
    /**
     * Lists the images that a version was evaluated on, with its predictions; fetchFile() downloads those with a request.
     * @param filter `after` is the `next` of the previous page, as a number; `rows`: only the images at these indexes
     * among the labelled images of the data set
     * @throws NotFoundError MODEL_SCORES_MISSING; SpecError EVALUATED_LABEL_UNKNOWN
     */
    evaluatedImages: (ref: string, { rows, ...filter }: EvaluatedFilter = {}) =>
      get(EvaluatedImageList, `${modelUrl(ref)}/evaluated-images${query({ ...filter, rows: rows?.join() })}`),
    predict: (ref: string, images: readonly ImageInput[], options: PredictOptions = {}) =>
      post(PredictionResult, `${modelUrl(ref)}/predict`, { images: images.map(imageBody), ...options }),
    /** Submits a job that predicts all images of a data set, or below a prefix of the store. */
    batchPredict: (ref: string, body: BatchPredictInput, idempotencyKey?: string) =>
      post(BatchPredictJob, `${modelUrl(ref)}/batch-predictions`, body, idempotencyKey),
    /** Submits a job that evaluates the model on a data set. */
    evaluate: (ref: string, dataset: string, idempotencyKey?: string) =>
      post(EvaluateJob, `${modelUrl(ref)}/evaluations`, { dataset }, idempotencyKey),
    /** Submits a job that exports the model; its only file is a zip archive. */
    export: (ref: string, body: ExportInput, idempotencyKey?: string) =>
      post(ExportJob, `${modelUrl(ref)}/exports`, body, idempotencyKey),
  };
}

function imageBody(image: ImageInput): { name?: string; base64: string } | { name?: string; uri: string } {
  if ('uri' in image) return image;
  return { name: image.name, base64: base64(image.bytes) };
}

function base64(bytes: Uint8Array): string {
  // In chunks, because the number of arguments of a function is limited.
  let text = '';
  for (let start = 0; start < bytes.length; start += 0x8000)
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text);
}
