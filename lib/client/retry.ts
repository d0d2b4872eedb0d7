import { GraftError } from '../errors.ts';
import type { ApiRequest, ApiResponse, Transport } from './api-request.ts';
import { pause } from './pause.ts';

export interface RetryOptions {
  /** Maximum number of requests. Default: 6. Requests that the API delays with Retry-After do not count. */
  readonly attempts?: number;
  /**
   * Maximum milliseconds of all waits, and of the requests that the API answered with Retry-After. Other requests do not
   * count, because a large file may take long to arrive, and `attempts` limits them. The first request counts from the
   * second one on: a request may take longer than this, and is still repeated once. Default: two minutes.
   */
  readonly patienceMs?: number;
  readonly wait?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that is never set back. */
  readonly now?: () => number;
  /** Returns 0..1. Prevents many clients from retrying at the same moment. */
  readonly jitter?: () => number;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;

/**
 * Retries requests when the API is busy (429), fails (5xx except 507) or is unreachable. Waits as long as Retry-After
 * says, or else with exponential backoff and jitter. Retries only idempotent requests; a POST needs an Idempotency-Key.
 */
export function withRetries(
  send: Transport,
  { attempts = 6, patienceMs = 120_000, wait = pause, now = monotonicMs, jitter = randomShare }: RetryOptions = {},
): Transport {
  return async (request) => {
    if (!mayRepeat(request)) return send(request);
    let waited = 0;
    for (let attempt = 1, isFirst = true; ; isFirst = false) {
      const sent = now();
      const outcome = await send(request).catch((error: unknown) => error);
      const asked = isResponse(outcome) ? retryAfterMs(outcome) : undefined;
      const waitMs = Math.max(asked ?? 0, backoff(attempt) * (0.5 + jitter() / 2));
      if (asked === undefined) attempt++;
      else waited += now() - sent;
      if (!mayHelp(outcome) || attempt > attempts || (isFirst ? 0 : waited) + waitMs > patienceMs) {
        if (isResponse(outcome)) return outcome;
        throw outcome;
      }
      waited += waitMs;
      await wait(waitMs, request.signal);
      request.signal?.throwIfAborted();
    }
  };
}

function mayRepeat({ method, headers }: ApiRequest): boolean {
  return method !== 'POST' || Object.keys(headers).some((name) => name.toLowerCase() === 'idempotency-key');
}

function mayHelp(outcome: unknown): boolean {
  if (!isResponse(outcome)) return outcome instanceof GraftError && outcome.retryable;
  const { status, headers = {} } = outcome;
  // 409 with Retry-After: the same request is in progress.
  return status === 429 || (status >= 500 && status !== 501 && status !== 507) || (status === 409 && 'retry-after' in headers);
}

function isResponse(outcome: unknown): outcome is ApiResponse {
  return typeof outcome === 'object' && outcome !== null && 'status' in outcome && 'body' in outcome;
}

/** Parses Retry-After in seconds. Ignores dates, which the Graft API never sends. */
function retryAfterMs({ headers = {} }: ApiResponse): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}

function monotonicMs(): number {
  return performance.now();
}

function backoff(attempt: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);
}

/** Draws from the system's random numbers instead of lib/random.ts, because the draws need not be reproducible. */
function randomShare(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}
