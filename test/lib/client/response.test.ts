import { describe, expect, test } from 'vitest';
import { problemToResponse } from '../../../functions/api/response.ts';
import { checkFileResponse, readResponse } from '../../../lib/client/response.ts';
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

test('API Gateway without such a route says so as the API does', () => {
  const read = () => readResponse({ status: 404, body: Buffer.from('{"message":"Not Found"}') });
  expect(read).toThrow(errors.NotFoundError);
  expect(read).toThrow(expect.objectContaining({ code: 'ROUTE_NOT_FOUND', fix: expect.stringContaining('docs/labelling.md') }));
});

test.each([
  ['a problem of the API', 503, JSON.stringify({ type: 't', title: 'T', status: 503, detail: 'd', code: 'STORE_BUSY' }), true],
  [
    'a problem of the API',
    500,
    JSON.stringify({ type: 't', title: 'T', status: 500, detail: 'd', code: 'CARD_UNREADABLE' }),
    false,
  ],
])('%s with status %i: whether the same request may succeed later', (_, status, text, retryable) => {
  expect(() => readResponse({ status, body: Buffer.from(text) })).toThrow(expect.objectContaining({ retryable }));
});

const s3 = (code: string, message: string) =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

describe('an error that is not one of Graft', () => {
  test.each([
    ['S3 that has too much to do', 503, s3('SlowDown', 'Please reduce your request rate.'), 'SERVICE_UNAVAILABLE', 'SlowDown'],
    [
      'S3 that waited for the bytes',
      400,
      s3('RequestTimeout', 'Your socket connection'),
      'SERVICE_UNAVAILABLE',
      'RequestTimeout',
    ],
    ['API Gateway', 503, '{"message":"Service Unavailable"}', 'SERVICE_UNAVAILABLE', 'Service Unavailable'],
    ['API Gateway with too many requests', 429, '{"message":"Too Many Requests"}', 'REQUESTS_THROTTLED', 'Too Many Requests'],
    ['a proxy', 502, '<html><body>Bad Gateway</body></html>', 'SERVICE_UNAVAILABLE', 'status 502'],
    ['nothing', 500, '', 'SERVICE_UNAVAILABLE', 'status 500'],
  ])('of %s may pass, and is named', (_, status, text, code, received) => {
    const error = expect.objectContaining({ code, retryable: true, received: expect.stringContaining(received) });
    expect(() => readResponse({ status, body: Buffer.from(text) })).toThrow(error);
    expect(() => checkFileResponse({ status, body: Buffer.from(text) }, 'UPLOAD_EXPIRED')).toThrow(error);
  });

  test.each([
    [403, s3('SignatureDoesNotMatch', 'The request signature'), 'status 403, SignatureDoesNotMatch'],
    [501, '', 'status 501'],
    [404, '<html></html>', 'status 404'],
    [404, '{"message":"Route GET:/v1/jobs not found"}', 'status 404, Route GET:/v1/jobs not found'],
  ])('stays: status %i', (status, text, received) => {
    const error = expect.objectContaining({ code: 'API_RESPONSE_UNREADABLE', retryable: false, received });
    expect(() => checkFileResponse({ status, body: Buffer.from(text) }, 'UPLOAD_EXPIRED')).toThrow(error);
  });

  test('of a missing object of S3 says so', () => {
    const response = { status: 404, body: Buffer.from(s3('NoSuchKey', 'The specified key does not exist.')) };
    const error = expect.objectContaining({ code: 'OBJECT_NOT_FOUND', httpStatus: 404, retryable: false });
    expect(() => checkFileResponse(response, 'DOWNLOAD_EXPIRED')).toThrow(error);
  });

  test.each([
    [403, s3('AccessDenied', 'Request has expired')],
    [400, s3('ExpiredToken', 'The provided token has expired.')],
  ])('of an expired request of S3 says so: status %i', (status, text) => {
    const check = () => checkFileResponse({ status, body: Buffer.from(text) }, 'DOWNLOAD_EXPIRED');
    expect(check).toThrow(expect.objectContaining({ code: 'DOWNLOAD_EXPIRED', httpStatus: 403 }));
  });
});
