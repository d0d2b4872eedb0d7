/** The Lambda functions, each with a role of its own. The training container may do what `train` may. */
export type FunctionName = 'api' | 'predict' | 'import' | 'dispatch' | 'track' | 'webhooks' | 'train';

/** What a function may do with objects: read, write, delete. */
export type Permissions = 'r' | 'w' | 'd' | 'rw' | 'rd' | 'rwd';

/** A kind of key: a row of the catalogue (store-keys.ts). */
export interface KeyKind {
  readonly prefix: `${string}/`;
  /** What follows the prefix, a pattern for each kind of object; absent where any text may follow. */
  readonly patterns?: readonly string[];
  readonly holds: string;
  /**
   * In AWS, by default the data bucket. What is derived from data and is needed for long is in the model bucket, which
   * has its own grants and backups.
   */
  readonly bucket?: 'models';
  /**
   * In the embedded store, by default a file for each object. Small objects that a job has many of are rows of one
   * SQLite file: a write takes less than half as long, and a listing reads no folders. What is large, or sent and
   * fetched by signed requests, is a file.
   */
  readonly medium?: 'row';
  /**
   * Days after the last write of an object. `featureDays` is a setting of the deployment; on one machine these objects
   * do not expire. No object expires that refers to another: the garbage collector alone removes those
   * (docs/garbage-collection.md).
   */
  readonly expires?: { readonly rule: string; readonly days: number | 'featureDays' };
  /** In AWS; a function that is not named may do nothing. */
  readonly access: Readonly<Partial<Record<FunctionName, Permissions>>>;
}
