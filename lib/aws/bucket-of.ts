import { keyKinds } from '../store/store-keys.ts';

const MODEL_PREFIXES = keyKinds.filter(({ bucket }) => bucket === 'models').map(({ prefix }) => prefix);

export interface Buckets {
  readonly data: string;
  readonly models: string;
}

/** Returns the bucket that stores an object. */
export function bucketOf(key: string, { data, models }: Buckets): string {
  return MODEL_PREFIXES.some((prefix) => key.startsWith(prefix)) ? models : data;
}

/** Returns the buckets that may store keys with a prefix. A short prefix can match both. */
export function bucketsOf(prefix: string, { data, models }: Buckets): string[] {
  if (data === models || MODEL_PREFIXES.some((known) => prefix.startsWith(known))) return [bucketOf(prefix, { data, models })];
  return MODEL_PREFIXES.some((known) => known.startsWith(prefix)) ? [data, models] : [data];
}
