import type { z } from 'zod';
import type { AddedFiles } from '../contracts/dataset-http.ts';
import type { ApiRequest, Transport } from './api-request.ts';
import { randomUuid } from './random-uuid.ts';
import { checkFileResponse, readResponseAs } from './response.ts';

export type Requests = ReturnType<typeof openRequests>;

export interface Page {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface Cancellable {
  /** Cancels the request, which then throws the signal's reason. Over HTTP only. */
  readonly signal?: AbortSignal;
}

/**
 * Creates the functions with which the client's methods send requests. All but those of files parse the response with
 * a contract, and throw as readResponseAs.
 */
export function openRequests(send: Transport) {
  async function call<Schema extends z.ZodType>(response: Schema, request: ApiRequest): Promise<z.infer<Schema>> {
    return readResponseAs(response, await send(request));
  }

  return {
    get: <Schema extends z.ZodType>(response: Schema, url: string, { signal }: Cancellable = {}) =>
      call(response, { method: 'GET', url, headers: {}, ...(signal && { signal }) }),
    /**
     * Sends a POST request.
     * @param key the same key returns the same response, even if the first one was lost
     */
    post: <Schema extends z.ZodType>(response: Schema, url: string, body: unknown, key: string = randomUuid()) =>
      call(response, withJson('POST', url, body, { 'idempotency-key': key })),
    put: <Schema extends z.ZodType>(response: Schema, url: string, body: unknown) =>
      call(response, withJson('PUT', url, body, {})),
    remove: <Schema extends z.ZodType>(response: Schema, url: string) => call(response, { method: 'DELETE', url, headers: {} }),
    /** Downloads a file by its link. @throws ForbiddenError DOWNLOAD_EXPIRED; NotFoundError OBJECT_NOT_FOUND; as checkFileResponse */
    async fetchFile({ request }: { request: ApiRequest }): Promise<Uint8Array> {
      const response = await send(request);
      checkFileResponse(response, 'DOWNLOAD_EXPIRED');
      return response.body;
    },
    /** Uploads one file with its signed request. @throws ForbiddenError UPLOAD_EXPIRED; as checkFileResponse */
    async sendFile({ request }: AddedFiles['uploads'][number], body: Uint8Array): Promise<void> {
      checkFileResponse(await send({ ...request, body }), 'UPLOAD_EXPIRED');
    },
  };
}

/** Returns the query string of a URL; empty if all values are undefined. */
export function query(given: object): string {
  const wanted = new URLSearchParams();
  for (const [key, value] of Object.entries(given)) if (value !== undefined) wanted.set(key, `${value}`);
  return wanted.size === 0 ? '' : `?${wanted}`;
}

function withJson(method: 'POST' | 'PUT', url: string, body: unknown, headers: Record<string, string>): ApiRequest {
  return {
    method,
    url,
    headers: { 'content-type': 'application/json', ...headers },
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}
