import { DataError, RuntimeError } from '../../errors.ts';

/** Creates the error for a failed download. */
export function downloadFailed(
  url: string,
  received: string,
  { cause, retryable }: { cause?: unknown; retryable: boolean },
): RuntimeError {
  return new RuntimeError('WEIGHTS_DOWNLOAD_FAILED', {
    at: url,
    expected: 'the file',
    received,
    fix:
      `${retryable ? 'try again: the download resumes; or ' : ''}download it by other means, then: graft weights import FILE ` +
      '--backbone NAME',
    cause,
    retryable,
  });
}

/** Creates the error for a file of the wrong size. */
export function sizeMismatch(url: string, expected: number, received: number): DataError {
  return new DataError('WEIGHTS_SIZE_MISMATCH', {
    at: url,
    expected: `${expected} bytes`,
    received: `${received} bytes`,
    fix: 'pull the weights again; report it if it happens twice',
  });
}

/** Creates the error for a file over the size limit. */
export function weightsTooLarge(url: string, limit: number, received: number): DataError {
  return new DataError('WEIGHTS_TOO_LARGE', {
    at: url,
    expected: `at most ${limit} bytes`,
    received: `${received} bytes`,
    fix: 'check that the address is that of the weights',
  });
}
