import { describe, expect, test } from 'vitest';
import type { ApiRequest, ApiResponse } from '../../../lib/client/api-request.ts';
import { withRetries } from '../../../lib/client/retry.ts';
import { CapacityError } from '../../../lib/errors.ts';

const get: ApiRequest = { method: 'GET', url: '/v1/jobs', headers: {} };
const post: ApiRequest = { ...get, method: 'POST' };
const ok = response(200);
const jitter = () => 1;

function response(status: number, headers = {}): ApiResponse {
  return { status, headers, body: new Uint8Array() };
}

/** Sends to an API that gives these outcomes one after the other, and says how long it waited between them. */
async function send(request: ApiRequest, outcomes: readonly (ApiResponse | Error)[], options = {}) {
  const left = [...outcomes];
  const waits: number[] = [];
  const wait = async (milliseconds: number) => void waits.push(milliseconds);
  const transport = withRetries(
    async () => {
      const outcome = left.shift();
      if (outcome instanceof Error || outcome === undefined) throw outcome ?? new Error('asked once more than planned');
      return outcome;
    },
    { wait, now: () => 0, jitter, ...options },
  );
  const outcome = await transport(request).catch((error: unknown) => error);
  return { outcome, waits, left: left.length };
}

describe('a request is sent again', () => {
  test.each([
    ['when the API fails, after twice as long each time', get, [response(500), response(503), ok], [200, 400]],
    ['when it is too many, after as long as Retry-After says', get, [response(429, { 'retry-after': '3' }), ok], [3000]],
    ['when the API cannot be reached', get, [new CapacityError('API_UNREACHABLE', { retryable: true }), ok], [200]],
    ['that is a POST with an Idempotency-Key', { ...post, headers: { 'Idempotency-Key': 'a' } }, [response(500), ok], [200]],
  ])('%s', async (_, request, outcomes, waits) => {
    expect(await send(request, outcomes)).toEqual({ outcome: ok, waits, left: 0 });
  });
});

describe('a request is not sent again', () => {
  test.each([
    ['that is a POST without a key', post, response(500)],
    ['that is wrong', get, response(400)],
    ['where the store is full', get, response(507)],
  ])('%s', async (_, request, outcome) => {
    expect(await send(request, [outcome, ok])).toEqual({ outcome, waits: [], left: 1 });
  });

  test('after as many attempts as are allowed', async () => {
    const failed = [response(500), response(502), response(503)];
    expect(await send(get, failed, { attempts: 3 })).toEqual({ outcome: failed[2], waits: [200, 400], left: 0 });
  });

  test('that was cancelled meanwhile', async () => {
    const request = { ...get, signal: AbortSignal.abort('the page is gone') };
    expect(await send(request, [response(500), ok])).toEqual({ outcome: 'the page is gone', waits: [200], left: 1 });
  });

  test('that would wait longer than patience lasts', async () => {
    const busy = response(429, { 'retry-after': '60' });
    expect(await send(get, [busy, busy, busy, ok])).toMatchObject({ outcome: busy, waits: [60_000, 60_000] });
  });
});

describe('the time that requests take', () => {
  const timedOut = response(503, { 'retry-after': '1' });
  const broken = new CapacityError('API_UNREACHABLE', { retryable: true });

  /** Sends to an API where each request takes as long, with the same outcome, and counts the requests. */
  async function sendSlowly(outcome: ApiResponse | Error, seconds: number, options = {}): Promise<number> {
    let time = 0;
    let requests = 0;
    const pass = (milliseconds: number) => {
      time += milliseconds;
    };
    const transport = withRetries(
      async () => {
        requests++;
        pass(seconds * 1000);
        if (outcome instanceof Error) throw outcome;
        return outcome;
      },
      { jitter, now: () => time, wait: async (milliseconds) => pass(milliseconds), ...options },
    );
    const last = await transport(get).catch((error: unknown) => error);
    expect(last).toBe(outcome);
    return requests;
  }

  test.each([
    ['counts if the API asks for another one: five in two minutes', timedOut, 29, 5],
    ['does not count if the connection breaks: the file may be large', broken, 600, 6],
  ])('%s', async (_, outcome, seconds, requests) => {
    expect(await sendSlowly(outcome, seconds)).toBe(requests);
  });

  test.each([
    ['is sent once more', timedOut, 2],
    ['is not sent again if the wait alone is longer', response(503, { 'retry-after': '21' }), 1],
  ])('a request that takes longer than patience lasts %s', async (_, outcome, requests) => {
    expect(await sendSlowly(outcome, 29, { patienceMs: 20_000 })).toBe(requests);
  });
});

test('the wait before a request is sent again ends when it is cancelled', async () => {
  const cancel = new AbortController();
  const transport = withRetries(async () => {
    queueMicrotask(() => cancel.abort('the page is gone'));
    return response(429, { 'retry-after': '60' });
  });
  await expect(transport({ ...get, signal: cancel.signal })).rejects.toBe('the page is gone');
});
