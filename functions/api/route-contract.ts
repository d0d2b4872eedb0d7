import type { z } from 'zod';

export interface RouteContract<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters as API Gateway writes them: `/v1/jobs/{id}`. */
  readonly path: string;
  /** One sentence, for the API's description. */
  readonly about: string;
  readonly params?: Params;
  readonly query?: Query;
  /** JSON body; a route with raw bytes has none. */
  readonly body?: Body;
  /** The handler gets the raw bytes; `jsonBody` is their contract if they are JSON. */
  readonly rawBody?: boolean;
  /**
   * The address carries a signature, which is the holder's permission. The handler checks it before it reads the body,
   * which is a stream. On one machine only.
   */
  readonly signed?: boolean;
  /** Anyone who reaches the server may read it, because it contains no data: the files of a page. */
  readonly open?: boolean;
  readonly jsonBody?: z.ZodType;
  /** The most bytes of a body; default 6 MiB. */
  readonly maxBodyBytes?: number;
  /** Of success; default 200. */
  readonly status?: number;
  /** The contract of a successful response in JSON. */
  readonly response?: z.ZodType;
  /** The media types of a successful response that is not JSON: the only ones, or besides JSON. */
  readonly contentTypes?: readonly string[];
  /** Statuses of the problems that this route has besides those that every route has. */
  readonly problems?: readonly number[];
  /**
   * How a POST uses its Idempotency-Key: by storing its response (the default), by finding the job that it made, or not
   * at all, because it changes nothing.
   */
  readonly idempotency?: 'answer' | 'job' | 'none';
  /** Whether the response to a PUT is the record with its ETag, so that If-Match can name the version to replace. */
  readonly ifMatch?: boolean;
}
