import { describe, expect, test } from 'vitest';
import { asAwsError, callingAws } from '../../../lib/aws/aws-errors.ts';
import { ConflictError } from '../../../lib/errors.ts';

interface Thrown {
  readonly name: string;
  readonly message?: string;
  readonly code?: string;
  readonly status?: number;
}

function thrown({ name, message = 'said AWS', code, status }: Thrown): Error {
  const metadata = { ...(status !== undefined && { httpStatusCode: status }), requestId: 'REQUEST1' };
  return Object.assign(new Error(message), { name, ...(code !== undefined && { code }), $metadata: metadata });
}

describe('a failure of AWS becomes one of ours', () => {
  const cases: readonly [what: string, error: Thrown, code: string, kind: string, retryable: boolean][] = [
    ['no credentials', { name: 'CredentialsProviderError' }, 'AWS_CREDENTIALS_MISSING', 'ForbiddenError', false],
    ['a session that is over', { name: 'ExpiredToken', status: 400 }, 'AWS_CREDENTIALS_EXPIRED', 'ForbiddenError', false],
    [
      'a key that AWS does not know',
      { name: 'InvalidAccessKeyId', status: 403 },
      'AWS_CREDENTIALS_INVALID',
      'ForbiddenError',
      false,
    ],
    ['a wrong signature', { name: 'SignatureDoesNotMatch', status: 403 }, 'AWS_CREDENTIALS_INVALID', 'ForbiddenError', false],
    ['a clock that is wrong', { name: 'RequestTimeTooSkewed', status: 403 }, 'CLOCK_SKEWED', 'RuntimeError', false],
    ['another region', { name: 'PermanentRedirect', status: 301 }, 'AWS_REGION_WRONG', 'RuntimeError', false],
    ['no region', { name: 'Error', message: 'Region is missing' }, 'AWS_REGION_MISSING', 'RuntimeError', false],
    ['no bucket', { name: 'NoSuchBucket', status: 404 }, 'AWS_BUCKET_MISSING', 'NotFoundError', false],
    ['no queue', { name: 'QueueDoesNotExist', status: 400 }, 'AWS_QUEUE_MISSING', 'NotFoundError', false],
    [
      'no function',
      { name: 'ResourceNotFoundException', message: 'Function not found: x', status: 404 },
      'AWS_COMPUTE_MISSING',
      'NotFoundError',
      false,
    ],
    ['a role that may not', { name: 'AccessDenied', status: 403 }, 'AWS_ACCESS_DENIED', 'ForbiddenError', false],
    [
      'a HEAD that may not, whose answer has no body',
      { name: 'Unknown', status: 403 },
      'AWS_ACCESS_DENIED',
      'ForbiddenError',
      false,
    ],
    ['too many requests', { name: 'SlowDown', status: 503 }, 'AWS_THROTTLED', 'CapacityError', true],
    ['no network', { name: 'Error', code: 'ENOTFOUND' }, 'AWS_UNREACHABLE', 'RuntimeError', true],
    ['no answer in time', { name: 'TimeoutError' }, 'AWS_UNREACHABLE', 'RuntimeError', true],
    ['a bad day', { name: 'InternalError', status: 500 }, 'AWS_UNAVAILABLE', 'CapacityError', true],
    ['what nobody has foreseen', { name: 'NewException', status: 400 }, 'AWS_FAILED', 'RuntimeError', false],
  ];

  test.each(cases)('%s', (_, error, code, name, retryable) => {
    const ours = asAwsError('jobs/a.json', thrown(error));
    expect(ours).toMatchObject({ code, name, retryable, at: 'jobs/a.json' });
    expect(ours.message).toContain('request REQUEST1');
    expect(ours.message).toContain('To mend it: ');
  });

  test('and one of ours stays as it is', async () => {
    const ours = new ConflictError('PRECONDITION_FAILED');
    await expect(callingAws('a', () => Promise.reject(ours))).rejects.toBe(ours);
  });
});
