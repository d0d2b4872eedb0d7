/** A typed client of the API. The transport is a parameter: HTTP, signed HTTP, or direct calls in the same process. */
import { z } from 'zod';
import { BackboneList, EstimatedJob, Health } from '../contracts/http.ts';
import type { JobSpecInput } from '../contracts/job-spec.ts';
import type { ApiRequest, Transport } from './api-request.ts';
import { datasetMethods } from './dataset-methods.ts';
import { jobMethods } from './job-methods.ts';
import { modelMethods } from './model-methods.ts';
import { openRequests } from './requests.ts';

export interface Client {
  readonly datasets: ReturnType<typeof datasetMethods>;
  readonly jobs: ReturnType<typeof jobMethods>;
  readonly models: ReturnType<typeof modelMethods>;
  readonly backbones: { list(): Promise<z.infer<typeof BackboneList>> };
  /**
   * Estimates a job's time and cost, selects its compute target, and fills in the defaults of its spec. Submits
   * nothing.
   */
  estimate(spec: JobSpecInput): Promise<EstimatedJob>;
  /**
   * Downloads a file by its link.
   * @throws the store's error
   */
  fetchFile(file: { request: ApiRequest }): Promise<Uint8Array>;
  health(): Promise<z.infer<typeof Health>>;
  openapi(): Promise<Record<string, unknown>>;
}

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
export function createClient(send: Transport): Client {
  const requests = openRequests(send);
  const { get, post, fetchFile } = requests;
  return {
    datasets: datasetMethods(requests),
    jobs: jobMethods(requests),
    models: modelMethods(requests),
    backbones: { list: () => get(BackboneList, '/v1/backbones') },
    estimate: (spec) => post(EstimatedJob, '/v1/estimates', spec),
    fetchFile,
    health: () => get(Health, '/v1/health'),
    openapi: () => get(z.record(z.string(), z.unknown()), '/openapi.json'),
  };
}
