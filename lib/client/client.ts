/** A typed client of the API. The transport is a parameter: HTTP, signed HTTP, or direct calls in the same process. */
import { z } from 'zod';
import { DatasetReport, isCut, RefusedFile, type UploadFile, UploadRecord } from '../contracts/dataset.ts';
import {
  AddedFiles,
  type CompleteUpload,
  DatasetImageList,
  DatasetList,
  DatasetVersionList,
  DeletedDataset,
  ImageLabels,
  LabelledVersion,
  type SetLabelsInput,
} from '../contracts/dataset-http.ts';
import { Drift } from '../contracts/drift.ts';
import { EvaluatedImageList, type EvaluatedImageQuery } from '../contracts/evaluated-images.ts';
import { FileList } from '../contracts/file-link.ts';
import { DatasetMap, DoubtfulPairs, SimilarImages, UnknownImages } from '../contracts/find-images.ts';
import { AliasGate, type Gate } from '../contracts/gate.ts';
import { BackboneList, type BatchPredictInput, EstimatedJob, Health, JobList, ModelList } from '../contracts/http.ts';
import { AnyJob, BatchPredictJob, EvaluateJob, ExportJob, JobRecord, type JobState } from '../contracts/job.ts';
import { JobEvents } from '../contracts/job-event.ts';
import type { JobSpecInput } from '../contracts/job-spec.ts';
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
import { Suggestions } from '../contracts/suggestions.ts';
import { NotFoundError } from '../errors.ts';
import type { ApiRequest, Transport } from './api-request.ts';
import { followJob } from './follow-job.ts';
import { randomUuid } from './random-uuid.ts';
import { checkFileResponse, readResponseAs } from './response.ts';

export type Client = ReturnType<typeof createClient>;

export interface Page {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

interface Cancellable {
  /** Cancels the request, which then throws the signal's reason. Over HTTP only. */
  readonly signal?: AbortSignal;
}

/** Filters for the job list, combined with AND. */
export interface JobFilter extends Page {
  readonly state?: JobState | undefined;
  readonly model?: string | undefined;
  readonly dataset?: string | undefined;
}

/** Filters for the list of images, combined with AND. */
export interface ImageFilter extends Page {
  readonly label?: string | undefined;
  readonly unlabelled?: boolean | undefined;
  readonly rows?: readonly number[] | undefined;
}

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

/**
 * Creates a client of the API, typed from its contracts. Each method throws the error in the API's response, or
 * RuntimeError API_RESPONSE_UNREADABLE if a response does not match its contract.
 * @param send over HTTP, as httpTransport() does, or to the same functions in this process
 * @returns methods for jobs, models, data sets and backbones
 * @example
 * ```js
 * const client = createClient(httpTransport('http://127.0.0.1:4400'));
 * const job = await client.jobs.submit({ name: 'flowers', dataset: 'flowers' }, crypto.randomUUID());
 * for await (const event of client.jobs.follow(job.id)) console.log(event.type);
 * ```
 */
export function createClient(send: Transport) {
  async function call<Schema extends z.ZodType>(answer: Schema, request: ApiRequest): Promise<z.infer<Schema>> {
    return readResponseAs(answer, await send(request));
  }
  const get = <Schema extends z.ZodType>(answer: Schema, url: string, { signal }: Cancellable = {}) =>
    call(answer, { method: 'GET', url, headers: {}, ...(signal && { signal }) });
  const remove = <Schema extends z.ZodType>(answer: Schema, url: string) => call(answer, { method: 'DELETE', url, headers: {} });
  const withJson = (method: 'POST' | 'PUT', url: string, body: unknown, headers: Record<string, string>): ApiRequest => ({
    method,
    url,
    headers: { 'content-type': 'application/json', ...headers },
    body: new TextEncoder().encode(JSON.stringify(body)),
  });
  /**
   * Sends a POST request.
   * @param key the same key returns the same response, even if the first one was lost
   */
  const post = <Schema extends z.ZodType>(answer: Schema, url: string, body: unknown, key: string = randomUuid()) =>
    call(answer, withJson('POST', url, body, { 'idempotency-key': key }));

  const datasetUrl = (id: string) => `/v1/datasets/${segment(id)}`;
  const jobUrl = (id: string) => `/v1/jobs/${segment(id)}`;
  const modelUrl = (name: string) => `/v1/models/${segment(name)}`;
  const aliasUrl = (name: string, alias: string) => `${modelUrl(name)}/aliases/${segment(alias)}`;
  const getJob = (id: string, options?: Cancellable) => get(AnyJob, jobUrl(id), options);
  const getEvents = (id: string, page: Page = {}, options?: Cancellable) =>
    get(JobEvents, `${jobUrl(id)}/events${query(page)}`, options);

  async function fetchFile({ request }: { request: ApiRequest }): Promise<Uint8Array> {
    const response = await send(request);
    checkFileResponse(response, 'DOWNLOAD_EXPIRED');
    return response.body;
  }

  /**
   * Downloads one file of a list and parses it.
   * @throws NotFoundError REPORT_EXPIRED
   */
  async function fetchJson<Schema extends z.ZodType>(
    schema: Schema,
    { files }: FileList,
    name: string,
  ): Promise<z.infer<Schema>> {
    const file = files.find((one) => one.name === name);
    if (file !== undefined) return readResponseAs(schema, { status: 200, body: await fetchFile(file) });
    throw new NotFoundError('REPORT_EXPIRED', {
      at: name,
      expected: 'the complete report',
      received: 'none any more',
      fix: 'upload again',
    });
  }

  return {
    datasets: {
      /** With a `source`, the images stay there, and the import starts immediately without an upload. */
      createUpload: (body: { name: string; maxRefused?: number | undefined; source?: string }) =>
        post(UploadRecord, '/v1/datasets', body),
      addFiles: (id: string, files: readonly UploadFile[], idempotencyKey?: string) =>
        post(AddedFiles, `${datasetUrl(id)}/files`, { files }, idempotencyKey),
      /** Uploads one file with its signed request. @throws ForbiddenError UPLOAD_EXPIRED: `addFiles` gives a new one */
      async sendFile({ request }: AddedFiles['uploads'][number], body: Uint8Array): Promise<void> {
        checkFileResponse(await send({ ...request, body }), 'UPLOAD_EXPIRED');
      },
      /** @param sent `refused`: files that were not sent, because they cannot be used */
      complete: (id: string, sent: CompleteUpload) => post(UploadRecord, `${datasetUrl(id)}/complete`, sent),
      getUpload: (id: string, options?: Cancellable) => get(UploadRecord, datasetUrl(id), options),
      /** Includes only the first entries of long lists; `counts` has the totals. */
      get: (ref: string) => get(DatasetReport, datasetUrl(ref)),
      /** Returns the complete report of an import. */
      async report(ref: string): Promise<DatasetReport> {
        const { counts, ...report } = await get(DatasetReport, datasetUrl(ref));
        if (!isCut({ ...report, counts })) return report;
        const whole = await fetchJson(DatasetReport, await get(FileList, `${datasetUrl(ref)}/files`), 'report.json');
        return { ...whole, ...(report.suspects && { suspects: report.suspects }) };
      },
      /** Returns the files that made an upload fail. */
      refused: async (id: string) =>
        fetchJson(z.array(RefusedFile), await get(FileList, `${datasetUrl(id)}/files`), 'refused.json'),
      /** Lists the files of a version: its complete report and its manifest, each with a signed download request. */
      files: (ref: string) => get(FileList, `${datasetUrl(ref)}/files`),
      versions: (name: string, page: Page = {}) => get(DatasetVersionList, `${datasetUrl(name)}/versions${query(page)}`),
      /**
       * Lists the images of a version, of one label or all; fetchFile() downloads those with a request.
       * @param page `rows`: only the images at these places in the order of the paths
       */
      images: (ref: string, { rows, ...page }: ImageFilter = {}) =>
        get(DatasetImageList, `${datasetUrl(ref)}/images${query({ ...page, rows: rows?.join() })}`),
      /**
       * Sets labels of images, as a new version.
       * @throws ConflictError DATASET_VERSION_CHANGED if `base` is no longer the latest version
       */
      setLabels: (name: string, body: SetLabelsInput, idempotencyKey?: string) =>
        post(LabelledVersion, `${datasetUrl(name)}/labels`, body, idempotencyKey),
      /**
       * Returns the labels of images, by path, without images that the version lacks.
       * @param images up to 1,000 paths
       * @param page `after` is the `next` of the previous response, which is there if the labels were too long together
       */
      labels: (ref: string, images: readonly string[], { after }: Pick<Page, 'after'> = {}) =>
        post(ImageLabels, `${datasetUrl(ref)}/labels/read`, { images, after }),
      /**
       * Suggests labels for images that have none, and the next images to label. Only `graft dev` and `graft console`
       * have it.
       * @throws ConflictError SUGGESTIONS_UNSUPPORTED; NotFoundError ROUTE_NOT_FOUND from a deployment in AWS
       */
      suggestions: (ref: string, options: { limit?: number; next?: number; seed?: number } = {}) =>
        get(Suggestions, `${datasetUrl(ref)}/suggestions${query(options)}`),
      /**
       * Finds the images that are the most similar to one of a version. Only `graft dev` and `graft console` have it, and
       * the three below.
       * @param image its path or SHA-256
       * @throws as suggestions; NotFoundError SIMILAR_IMAGE_NOT_FOUND
       */
      similar: (ref: string, image: string, options: { limit?: number } = {}) =>
        get(SimilarImages, `${datasetUrl(ref)}/similar${query({ image, ...options })}`),
      /** Maps all images of a version in two dimensions. @throws as suggestions */
      map: (ref: string) => get(DatasetMap, `${datasetUrl(ref)}/map`),
      /** Finds pairs of images whose labels contradict each other. @throws as suggestions */
      pairs: (ref: string, options: { limit?: number } = {}) => get(DoubtfulPairs, `${datasetUrl(ref)}/pairs${query(options)}`),
      /** Finds images without a label that are unlike every labelled image. @throws as suggestions */
      unknown: (ref: string, options: { limit?: number } = {}) =>
        get(UnknownImages, `${datasetUrl(ref)}/unknown${query(options)}`),
      list: (page: Page = {}) => get(DatasetList, `/v1/datasets${query(page)}`),
      /** NAME deletes all versions, NAME@DIGEST only one. */
      delete: (ref: string) => remove(DeletedDataset, datasetUrl(ref)),
    },
    jobs: {
      /**
       * Submits a job.
       * @param idempotencyKey the same key returns the same job
       */
      submit: (spec: JobSpecInput, idempotencyKey?: string) => post(JobRecord, '/v1/jobs', spec, idempotencyKey),
      /** Returns a job. models.reportPage() returns the page that `reportPage` names. */
      get: getJob,
      list: (filter: JobFilter = {}) => get(JobList, `/v1/jobs${query(filter)}`),
      /**
       * Returns a page of a job's events.
       * @param page `after` is the `next` of the previous response
       */
      events: getEvents,
      /** Iterates over all events from the beginning, until the job has ended and all its events have been read. */
      follow: (id: string, options: { signal?: AbortSignal; intervalMs?: number } = {}) => followJob(id, getEvents, options),
      cancel: (id: string) => post(AnyJob, `${jobUrl(id)}/cancel`, {}),
      /** Makes a training publish its interim result instead of fine-tuning further. */
      finish: (id: string) => post(AnyJob, `${jobUrl(id)}/finish`, {}),
      /** Submits a copy of a failed or cancelled job. */
      retry: (id: string, idempotencyKey?: string) => post(AnyJob, `${jobUrl(id)}/retry`, {}, idempotencyKey),
      /** Lists a job's output files: the parts of a batch prediction, a model's package, a complete evaluation, or an export. */
      files: (id: string, page: Page = {}) => get(FileList, `${jobUrl(id)}/files${query(page)}`),
    },
    /**
     * Estimates a job's time and cost, selects its compute target, and fills in the defaults of its spec. Submits
     * nothing.
     */
    estimate: (spec: JobSpecInput) => post(EstimatedJob, '/v1/estimates', spec),
    backbones: { list: () => get(BackboneList, '/v1/backbones') },
    models: {
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
       * @param before, after references: `NAME`, `NAME@VERSION` or `NAME:ALIAS`
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
      setAlias: (name: string, alias: string, to: SetAlias) => call(AliasRecord, withJson('PUT', aliasUrl(name, alias), to, {})),
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
      setGate: (name: string, alias: string, gate: Gate) =>
        call(AliasGate, withJson('PUT', `${aliasUrl(name, alias)}/gate`, gate, {})),
      deleteGate: (name: string, alias: string) => remove(ModelRecord, `${aliasUrl(name, alias)}/gate`),
      getKeeping: (name: string) => get(ModelKeeping, `${modelUrl(name)}/keeping`),
      /** Makes a model keep a share of its predictions. */
      setKeeping: (name: string, keeping: Partial<Keeping>) =>
        call(ModelKeeping, withJson('PUT', `${modelUrl(name)}/keeping`, keeping, {})),
      /** Makes a model keep no predictions, and removes those that it has kept. */
      endKeeping: (name: string) => remove(ModelKeeping, `${modelUrl(name)}/keeping`),
      /** Returns which versions of a model expire; with a setting, which ones would expire by it. */
      getRetention: (name: string, setting: RetentionQuery = {}) =>
        get(ModelRetention, `${modelUrl(name)}/retention${query(setting)}`),
      /** Sets which versions of a model stay. The next daily collection removes the others, unless something uses them. */
      setRetention: (name: string, retention: RetentionInput) =>
        call(ModelRetention, withJson('PUT', `${modelUrl(name)}/retention`, retention, {})),
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
       * @param filter `after` is the `next` of the previous page, as a number; `rows`: only the images at these places
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
    },
    /**
     * Downloads a file by its link.
     * @throws the store's error
     */
    fetchFile,
    health: () => get(Health, '/v1/health'),
    openapi: () => get(z.record(z.string(), z.unknown()), '/openapi.json'),
  };
}

function imageBody(image: ImageInput): { name?: string; base64: string } | { name?: string; uri: string } {
  if ('uri' in image) return image;
  return { name: image.name, base64: base64(image.bytes) };
}

function query(given: object): string {
  const wanted = new URLSearchParams();
  for (const [key, value] of Object.entries(given)) if (value !== undefined) wanted.set(key, `${value}`);
  return wanted.size === 0 ? '' : `?${wanted}`;
}

function segment(text: string): string {
  return encodeURIComponent(text);
}

function base64(bytes: Uint8Array): string {
  // In chunks, because the number of arguments of a function is limited.
  let text = '';
  for (let start = 0; start < bytes.length; start += 0x8000)
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text);
}
