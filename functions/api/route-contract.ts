import type { z } from 'zod';

export interface RouteContract<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With parameters as API Gateway writes them: `/v1/jobs/{id}`. */
  readonly path: string;
  /** One sentence, for the API's description. */
  readonly about: string;
  readonly params?: Params;
  readonly query?: Query;
  /** The body in JSON. A signed route has none. */
  readonly body?: Body;
  /** Whether the body is the bytes of a file. A route that has `body`, too, takes either, as the media type says. */
  readonly takesBytes?: boolean;
  /**
   * What lets a request in. `token` (the default): that of the server, if it has one. `signature`: that of the address;
   * the handler checks it before it reads the body, which is a stream. `open`: nothing, because the response contains no
   * data: the files of a page. The latter two are on one machine only.
   */
  readonly access?: 'token' | 'signature' | 'open';
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
