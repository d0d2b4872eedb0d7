import { readFileSync } from 'node:fs';
import { version } from '../api/version.ts';

/** What of this installation decides how fast its jobs are: the version, and the native TensorFlow that is built. */
export function installation(): string[] {
  return [version, nativeStamp()];
}

function nativeStamp(): string {
  try {
    return readFileSync(new URL('../../native/runtime/stamp.json', import.meta.url), 'utf8');
  } catch {
    return '';
  }
}
