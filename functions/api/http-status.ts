import {
  CapacityError,
  ConflictError,
  DataError,
  ForbiddenError,
  type GraftError,
  NotFoundError,
  SpecError,
  UsageError,
} from '../../lib/errors.ts';

/** Codes whose status says more than that of their kind. */
const BY_CODE: Readonly<Record<string, number>> = {
  PRECONDITION_FAILED: 412,
  STORE_FULL: 507,
  BODY_TOO_LARGE: 413,
  METHOD_NOT_ALLOWED: 405,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TOO_MANY_REQUESTS: 429,
  API_TOKEN_INVALID: 401,
  BODY_TOO_SLOW: 408,
  HOST_NOT_ALLOWED: 421,
};

/** The HTTP status that an error of ours becomes. */
export function httpStatus(error: GraftError): number {
  const exact = BY_CODE[error.code];
  if (exact !== undefined) return exact;
  if (error instanceof SpecError || error instanceof UsageError) return 400;
  if (error instanceof ForbiddenError) return 403;
  if (error instanceof NotFoundError) return 404;
  if (error instanceof ConflictError) return 409;
  if (error instanceof DataError) return 422;
  if (error instanceof CapacityError) return 503;
  return 500;
}
