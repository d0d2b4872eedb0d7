import { storeKeys } from '../store/store-keys.ts';

/** Returns the key prefix of a job's export. */
export function exportPrefix(job: string): string {
  return `${storeKeys.exports.prefix}${job}/`;
}
