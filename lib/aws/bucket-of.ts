/** What is made of data and needed for long lies in a bucket of its own, with its own grants and backups. */
export const MODEL_PREFIXES: readonly string[] = ['models/', 'registry/', 'trunks/', 'weights/', 'own-models/', 'imagenet/'];

export interface Buckets {
  readonly data: string;
  readonly models: string;
}

/** The bucket that holds an object. */
export function bucketOf(key: string, { data, models }: Buckets): string {
  return MODEL_PREFIXES.some((prefix) => key.startsWith(prefix)) ? models : data;
}

/** The buckets that may hold keys which begin with a prefix: a short one may be of both. */
export function bucketsOf(prefix: string, { data, models }: Buckets): string[] {
  if (data === models || MODEL_PREFIXES.some((known) => prefix.startsWith(known))) return [bucketOf(prefix, { data, models })];
  return MODEL_PREFIXES.some((known) => known.startsWith(prefix)) ? [data, models] : [data];
}
