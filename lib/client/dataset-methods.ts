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
import { FileList } from '../contracts/file-link.ts';
import { DatasetMap, DoubtfulPairs, SimilarImages, UnknownImages } from '../contracts/find-images.ts';
import { Suggestions } from '../contracts/suggestions.ts';
import { NotFoundError } from '../errors.ts';
import { type Cancellable, type Page, query, type Requests } from './requests.ts';
import { readResponseAs } from './response.ts';

/** Filters for the list of images, combined with AND. */
export interface ImageFilter extends Page {
  readonly label?: string | undefined;
  readonly unlabelled?: boolean | undefined;
  readonly rows?: readonly number[] | undefined;
}

/** The methods of the client for data sets: uploads, versions, labels, and searches for images. */
export function datasetMethods({ get, post, remove, fetchFile, sendFile }: Requests) {
  const datasetUrl = (ref: string) => `/v1/datasets/${encodeURIComponent(ref)}`;

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
    /** With a `source`, the images stay there, and the import starts immediately without an upload. */
    createUpload: (body: { name: string; maxRefused?: number | undefined; source?: string }) =>
      post(UploadRecord, '/v1/datasets', body),
    addFiles: (id: string, files: readonly UploadFile[], idempotencyKey?: string) =>
      post(AddedFiles, `${datasetUrl(id)}/files`, { files }, idempotencyKey),
    /** Uploads one file with its signed request. @throws ForbiddenError UPLOAD_EXPIRED: `addFiles` gives a new one */
    sendFile,
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
     * @param page `rows`: only the images at these indexes in the order of the paths
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
    unknown: (ref: string, options: { limit?: number } = {}) => get(UnknownImages, `${datasetUrl(ref)}/unknown${query(options)}`),
    list: (page: Page = {}) => get(DatasetList, `/v1/datasets${query(page)}`),
    /** NAME deletes all versions, NAME@DIGEST only one. */
    delete: (ref: string) => remove(DeletedDataset, datasetUrl(ref)),
  };
}
