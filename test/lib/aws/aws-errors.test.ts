import { describe, expect, test } from 'vitest';
import { asAwsError, withAwsErrors } from '../../../lib/aws/aws-errors.ts';
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
    ['no credentials', { name: 'CredentialsProviderError' }, 'CREDENTIALS_MISSING', 'RuntimeError', false],
    ['a session that is over', { name: 'ExpiredToken', status: 400 }, 'CREDENTIALS_REFUSED', 'RuntimeError', false],
    ['a key that AWS does not know', { name: 'InvalidAccessKeyId', status: 403 }, 'CREDENTIALS_REFUSED', 'RuntimeError', false],
    ['a wrong signature', { name: 'SignatureDoesNotMatch', status: 403 }, 'CREDENTIALS_REFUSED', 'RuntimeError', false],
    ['a clock that is wrong', { name: 'RequestTimeTooSkewed', status: 403 }, 'CLOCK_SKEWED', 'RuntimeError', false],
    ['another region', { name: 'PermanentRedirect', status: 301 }, 'REGION_WRONG', 'RuntimeError', false],
    ['no region', { name: 'Error', message: 'Region is missing' }, 'REGION_MISSING', 'RuntimeError', false],
    ['no bucket', { name: 'NoSuchBucket', status: 404 }, 'BUCKET_MISSING', 'RuntimeError', false],
    ['no queue', { name: 'QueueDoesNotExist', status: 400 }, 'QUEUE_MISSING', 'RuntimeError', false],
    [
      'no function',
      { name: 'ResourceNotFoundException', message: 'Function not found: x', status: 404 },
      'COMPUTE_MISSING',
      'RuntimeError',
      false,
    ],
    [
      'no queue of AWS Batch, which graft deploy may be about to make',
      { name: 'ClientException', message: 'JobQueue graft-gpu not found.', status: 400 },
      'COMPUTE_MISSING',
      'RuntimeError',
      true,
    ],
    ['a role that may not', { name: 'AccessDenied', status: 403 }, 'ACCESS_DENIED', 'RuntimeError', false],
    ['a HEAD that may not, whose answer has no body', { name: 'Unknown', status: 403 }, 'ACCESS_DENIED', 'RuntimeError', false],
    ['too many requests', { name: 'SlowDown', status: 503 }, 'REQUESTS_THROTTLED', 'CapacityError', true],
    ['no network', { name: 'Error', code: 'ENOTFOUND' }, 'SERVICE_UNREACHABLE', 'RuntimeError', true],
    ['no answer in time', { name: 'TimeoutError' }, 'SERVICE_UNREACHABLE', 'RuntimeError', true],
    ['a bad day', { name: 'InternalError', status: 500 }, 'SERVICE_UNAVAILABLE', 'CapacityError', true],
    ['what nobody has foreseen', { name: 'NewException', status: 400 }, 'AWS_FAILED', 'RuntimeError', false],
  ];

  test.each(cases)('%s', (_, error, code, name, retryable) => {
    const ours = asAwsError('jobs/a.json', thrown(error));
    expect(ours).toMatchObject({ code, name, retryable, at: 'jobs/a.json' });
    expect(ours.message).toContain('request REQUEST1');
    expect(ours.message).toContain('Fix: ');
  });

  test('and one of ours stays as it is', async () => {
    const ours = new ConflictError('PRECONDITION_FAILED');
    await expect(withAwsErrors('a', () => Promise.reject(ours))).rejects.toBe(ours);
  });
});
