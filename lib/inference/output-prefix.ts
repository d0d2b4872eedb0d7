import { storeKeys } from '../store/store-keys.ts';

/** Where the output of a job lies. */
export function outputPrefix(job: string): string {
  return `${storeKeys.predictions.prefix}${job}/`;
}
