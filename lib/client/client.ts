/** The API, typed from its contracts. How requests travel is handed in: over HTTP, signed, or to the same functions in this process. */
import type { z } from 'zod';
import { DatasetReport, type UploadFile, UploadRecord } from '../contracts/dataset.ts';
import { AddedFiles, BackboneList, DatasetList, JobList, ModelList, PredictionResult, Problem } from '../contracts/http.ts';
import { JobRecord } from '../contracts/job.ts';
import type { JobSpecInput } from '../contracts/job-spec.ts';
import { ModelRecord } from '../contracts/model.ts';
import {
  CapacityError,
  ConflictError,
  DataError,
  ForbiddenError,
  type GraftError,
  NotFoundError,
  RuntimeError,
  SpecError,
} from '../errors.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute, or relative to the API's address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface ApiResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

export type Transport = (request: ApiRequest) => Promise<ApiResponse>;

export type Client = ReturnType<typeof createClient>;

export interface Page {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export function createClient(send: Transport) {
  async function call<Schema extends z.ZodType>(answer: Schema, request: ApiRequest): Promise<z.infer<Schema>> {
    const { status, body } = await send(request);
    const value = parseJson(body, status);
    if (status >= 400) throw errorOf(value, status);
    return answer.parse(value);
  }
  const get = <Schema extends z.ZodType>(answer: Schema, url: string) => call(answer, { method: 'GET', url, headers: {} });
  const post = <Schema extends z.ZodType>(answer: Schema, url: string, body: unknown, headers: Record<string, string> = {}) =>
    call(answer, { method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, body: encode(body) });

  return {
    datasets: {
      createUpload: (body: { name: string; maxRefused?: number | undefined }) => post(UploadRecord, '/v1/datasets', body),
      addFiles: (id: string, files: readonly UploadFile[]) => post(AddedFiles, `/v1/datasets/${segment(id)}/files`, { files }),
      /** Sends one file as its signed request says. */
      async sendFile({ request }: AddedFiles['uploads'][number], body: Uint8Array): Promise<void> {
        const response = await send({ ...request, body });
        if (response.status >= 400) throw errorOf(parseJson(response.body, response.status), response.status);
      },
      complete: (id: string, sent: { parts: number; files: number }) =>
        post(UploadRecord, `/v1/datasets/${segment(id)}/complete`, sent),
      getUpload: (id: string) => get(UploadRecord, `/v1/datasets/${segment(id)}`),
      get: (ref: string) => get(DatasetReport, `/v1/datasets/${segment(ref)}`),
      list: (page: Page = {}) => get(DatasetList, `/v1/datasets${query(page)}`),
    },
    jobs: {
      /** @param idempotencyKey the same key gives back the same job */
      submit: (spec: JobSpecInput, idempotencyKey: string) =>
        post(JobRecord, '/v1/jobs', spec, { 'idempotency-key': idempotencyKey }),
      get: (id: string) => get(JobRecord, `/v1/jobs/${segment(id)}`),
      list: (page: Page = {}) => get(JobList, `/v1/jobs${query(page)}`),
      cancel: (id: string) => post(JobRecord, `/v1/jobs/${segment(id)}/cancel`, {}),
    },
    backbones: { list: () => get(BackboneList, '/v1/backbones') },
    models: {
      get: (name: string) => get(ModelRecord, `/v1/models/${segment(name)}`),
      list: (page: Page = {}) => get(ModelList, `/v1/models${query(page)}`),
      predict: (ref: string, images: readonly { name: string; bytes: Uint8Array }[], topK?: number) =>
        post(PredictionResult, `/v1/models/${segment(ref)}/predict`, {
          images: images.map(({ name, bytes }) => ({ name, base64: base64(bytes) })),
          ...(topK !== undefined && { topK }),
        }),
    },
  };
}

/** A transport over HTTP. */
export function httpTransport(base: string, fetcher: typeof fetch = fetch): Transport {
  return async ({ method, url, headers, body }) => {
    try {
      const response = await fetcher(new URL(url, base), {
        method,
        headers,
        ...(body !== undefined && { body: new Uint8Array(body) }),
      });
      return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
    } catch (cause) {
      throw new RuntimeError('API_UNREACHABLE', {
        at: base,
        expected: 'an API that answers',
        received: cause instanceof Error ? cause.message : String(cause),
        fix: 'check the address, or start one on this machine: graft dev',
        cause,
        retryable: true,
      });
    }
  };
}

/** A problem+json answer as the error that it was on the other side. */
function errorOf(value: unknown, status: number): GraftError {
  const parsed = Problem.safeParse(value);
  if (!parsed.success)
    return new RuntimeError('API_ANSWER_UNREADABLE', { expected: 'application/problem+json', received: `status ${status}` });
  const { code, at, expected, received, fix } = parsed.data;
  const detail = {
    ...(at !== undefined && { at }),
    ...(expected !== undefined && { expected }),
    ...(received !== undefined && { received }),
    ...(fix !== undefined && { fix }),
  };
  return new (kindOf(status))(code, detail);
}

function kindOf(status: number): typeof GraftError {
  if (status === 403) return ForbiddenError;
  if (status === 404) return NotFoundError;
  if (status === 409 || status === 412) return ConflictError;
  if (status === 422) return DataError;
  if (status === 429 || status === 503 || status === 507) return CapacityError;
  return status < 500 ? SpecError : RuntimeError;
}

function parseJson(body: Uint8Array, status: number): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new RuntimeError('API_ANSWER_UNREADABLE', {
      expected: 'JSON',
      received: `status ${status}, ${body.length} bytes`,
      cause,
    });
  }
}

function query(page: Page): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(page)) if (value !== undefined) given.set(key, `${value}`);
  return given.size === 0 ? '' : `?${given}`;
}

function segment(text: string): string {
  return encodeURIComponent(text);
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function base64(bytes: Uint8Array): string {
  // In chunks: a function takes only so many arguments.
  let text = '';
  for (let start = 0; start < bytes.length; start += 0x8000)
    text += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  return btoa(text);
}
