import { storeKeys } from '../store/store-keys.ts';

/** Returns the key prefix of a job's output. */
export function outputPrefix(job: string): string {
  return `${storeKeys.predictions.prefix}${job}/`;
}
