import { SpecError } from '../errors.ts';

/** S3's limit, in UTF-8 bytes. */
const LONGEST_KEY = 1024;

/**
 * Validates a key: a relative path of segments joined by `/`, in any Unicode text, at most 1024 bytes of UTF-8, without
 * empty, `.` or `..` segments and without NUL.
 * @throws SpecError OBJECT_KEY_INVALID
 */
export function checkKey(key: string): void {
  const wrong = faultOf(key);
  if (wrong === undefined) return;
  throw new SpecError('OBJECT_KEY_INVALID', {
    at: wrong,
    expected: 'segments of text joined by "/"',
    received: key,
    fix: 'use another key',
  });
}

function faultOf(key: string): string | undefined {
  if (!key.isWellFormed()) return 'an unpaired surrogate';
  if (key.includes('\0')) return 'a NUL character';
  if (Buffer.byteLength(key) > LONGEST_KEY) return `more than ${LONGEST_KEY} bytes`;
  if (key.split('/').includes('')) return 'an empty segment';
  return key.split('/').find((segment) => segment === '.' || segment === '..');
}
