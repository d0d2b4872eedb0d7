import { boundError } from './contracts/errors/bound-error.ts';
import type { ErrorDetail } from './contracts/errors/error-detail.ts';
import { errorMessage, errorTitle } from './contracts/errors/error-message.ts';
import { messageOf } from './contracts/errors/message-of.ts';

/** The HTTP status of a class of errors, and of the codes that differ from it. */
interface KindStatus {
  readonly status: number;
  readonly ofCode?: Readonly<Record<string, number>>;
}

/** Base class of all errors that a user may see. */
export class GraftError extends Error {
  /** Used by both API and client. */
  static readonly http: KindStatus = { status: 500 };
  override readonly name: string = 'GraftError';
  /** The HTTP status of the API's response. */
  readonly httpStatus: number;
  readonly code: string;
  readonly title: string;
  readonly at: string | undefined;
  readonly expected: string | undefined;
  readonly received: unknown;
  readonly omitted: number;
  readonly fix: string | undefined;
  readonly retryable: boolean;

  constructor(code: string, detail: ErrorDetail = {}) {
    super(errorMessage(code, detail), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.httpStatus = new.target.http.ofCode?.[code] ?? new.target.http.status;
    this.title = errorTitle(code);
    this.at = detail.at;
    this.expected = detail.expected;
    this.received = detail.received;
    this.omitted = detail.omitted ?? 0;
    this.fix = detail.fix;
    this.retryable = detail.retryable ?? false;
  }
}

/** The request or the spec is invalid; exit status 1. */
export class SpecError extends GraftError {
  static override readonly http = {
    status: 400,
    ofCode: { METHOD_NOT_ALLOWED: 405, BODY_TOO_SLOW: 408, HEADERS_TOO_LARGE: 431 },
  };
  override readonly name = 'SpecError';
}

/** The command line is invalid; exit status 2. */
export class UsageError extends GraftError {
  static override readonly http = { status: 400 };
  override readonly name = 'UsageError';
}

/** The given images, labels or weights cannot be used. */
export class DataError extends GraftError {
  static override readonly http = { status: 422 };
  override readonly name = 'DataError';
}

/** The named resource does not exist. */
export class NotFoundError extends GraftError {
  static override readonly http = { status: 404 };
  override readonly name = 'NotFoundError';
}

/** Another request came first, or the state does not allow this one. */
export class ConflictError extends GraftError {
  static override readonly http = { status: 409, ofCode: { PRECONDITION_FAILED: 412 } };
  override readonly name = 'ConflictError';
}

/** The caller may not do this, or the signature is not valid. */
export class ForbiddenError extends GraftError {
  static override readonly http = { status: 403, ofCode: { API_TOKEN_INVALID: 401, HOST_NOT_ALLOWED: 421 } };
  override readonly name = 'ForbiddenError';
}

/** Not enough memory, storage, time or machines; another attempt usually helps. */
export class CapacityError extends GraftError {
  static override readonly http = { status: 503, ofCode: { BODY_TOO_LARGE: 413, TOO_MANY_REQUESTS: 429, STORE_FULL: 507 } };
  override readonly name = 'CapacityError';
}

/** A store, queue, runtime or process that Graft depends on failed. */
export class RuntimeError extends GraftError {
  static override readonly http = { status: 500 };
  override readonly name = 'RuntimeError';
}

const KINDS: readonly (typeof GraftError)[] = [
  SpecError,
  DataError,
  NotFoundError,
  ConflictError,
  ForbiddenError,
  CapacityError,
  RuntimeError,
];

/** Returns the error class for an HTTP status (400 or more) of the API. */
export function errorClassOf(httpStatus: number): typeof GraftError {
  const kind = KINDS.find(({ http }) => http.status === httpStatus || Object.values(http.ofCode ?? {}).includes(httpStatus));
  return kind ?? (httpStatus < 500 ? SpecError : RuntimeError);
}

/** The JSON form of an error: the `error` object of the command, and the members of problem+json. */
export interface ErrorJson {
  code: string;
  message: string;
  at?: string;
  expected?: string;
  received?: unknown;
  /** Present if `received` is the first part of a list. */
  omitted?: number;
  fix?: string;
}

/**
 * Describes any thrown value for records, logs and responses.
 * @returns code, message and details, shortened to a bounded size (see boundError())
 * @example
 * ```ts
 * log('attempt.failed', { job: id, error: errorJson(error) });
 * ```
 */
export function errorJson(error: unknown): ErrorJson {
  return boundError(wholeErrorJson(error));
}

/** Describes any thrown value as errorJson() does, but without shortening: for a file or a terminal. */
export function wholeErrorJson(error: unknown): ErrorJson {
  const known = asGraftError(error);
  return {
    code: known.code,
    message: known.message,
    ...(known.at !== undefined && { at: known.at }),
    ...(known.expected !== undefined && { expected: known.expected }),
    ...(known.received !== undefined && { received: known.received }),
    ...(known.omitted > 0 && { omitted: known.omitted }),
    ...(known.fix !== undefined && { fix: known.fix }),
  };
}

/** Converts any thrown value to a GraftError; an unexpected one becomes `INTERNAL` and is kept as the cause. */
export function asGraftError(error: unknown): GraftError {
  if (error instanceof GraftError) return error;
  const errorText = messageOf(error);
  return new RuntimeError('INTERNAL', {
    expected: 'no failure',
    received: errorText,
    cause: error,
    fix: 'report this with the log of the run',
  });
}
