import { describe, expect, test } from 'vitest';
import { problemToResponse } from '../../../functions/api/response.ts';
import { readResponse } from '../../../lib/client/response.ts';
import * as errors from '../../../lib/errors.ts';

const kinds = [
  errors.SpecError,
  errors.DataError,
  errors.NotFoundError,
  errors.ConflictError,
  errors.ForbiddenError,
  errors.CapacityError,
  errors.RuntimeError,
];

describe('an error that the API answers is the same error at the client', () => {
  const cases = kinds.flatMap((Kind) =>
    ['ANY_CODE', ...Object.keys('ofCode' in Kind.http ? Kind.http.ofCode : {})].map((code) => [code, Kind] as const),
  );
  test.each(cases)('%s', (code, Kind) => {
    const { status, body } = problemToResponse(new Kind(code, { at: 'here', expected: 'one', received: 2, fix: 'take one' }));
    const read = () => readResponse({ status, body: Buffer.from(body) });
    expect(read).toThrow(Kind);
    expect(read).toThrow(expect.objectContaining({ code, at: 'here', expected: 'one', received: 2, fix: 'take one' }));
  });
});

test.each([
  [418, errors.SpecError],
  [502, errors.RuntimeError],
])('status %i, which no error of ours has, is an error of the side that the status names', (status, Kind) => {
  expect(errors.errorClassOf(status)).toBe(Kind);
});

test.each([
  ['The security token included in the request is expired', 'CREDENTIALS_REFUSED'],
  ['The request signature we calculated does not match the signature you provided.', 'CREDENTIALS_REFUSED'],
  ['Forbidden', 'ACCESS_DENIED'],
])('API Gateway refuses a request itself: %s', (message, code) => {
  const read = () => readResponse({ status: 403, body: Buffer.from(JSON.stringify({ message })) });
  expect(read).toThrow(expect.objectContaining({ code, received: message, fix: expect.stringContaining('aws ') }));
});

test.each([
  ['a problem of the API', 503, JSON.stringify({ type: 't', title: 'T', status: 503, detail: 'd', code: 'STORE_BUSY' }), true],
  [
    'a problem of the API',
    500,
    JSON.stringify({ type: 't', title: 'T', status: 500, detail: 'd', code: 'CARD_UNREADABLE' }),
    false,
  ],
  ['API Gateway', 503, JSON.stringify({ message: 'Service Unavailable' }), true],
  ['a proxy', 502, '<html>Bad Gateway</html>', true],
  ['a server that is no API', 404, '<html>Not Found</html>', false],
])('%s with status %i: whether the same request may succeed later', (_, status, text, retryable) => {
  expect(() => readResponse({ status, body: Buffer.from(text) })).toThrow(expect.objectContaining({ retryable }));
});
