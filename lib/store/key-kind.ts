/** The Lambda functions, each with its own role. The training container has the permissions of `train`. */
export type FunctionName = 'api' | 'predict' | 'import' | 'dispatch' | 'track' | 'webhooks' | 'train' | 'extract';

/** A function's permissions on objects: read, write, delete. */
export type Permissions = 'r' | 'w' | 'd' | 'rw' | 'rd' | 'rwd';

/** A kind of key: one row of the catalogue (store-keys.ts). */
export interface KeyKind {
  readonly prefix: `${string}/`;
  /** Patterns for the rest of the key, one per kind of object. If absent, any text may follow the prefix. */
  readonly patterns?: readonly string[];
  readonly holds: string;
  /**
   * The bucket in AWS; default: the data bucket. The model bucket stores long-lived results, with its own grants and
   * backups.
   */
  readonly bucket?: 'models';
  /**
   * The medium in the embedded store; default: one file per object. Small objects that each job has many of are rows of
   * one SQLite file: writes take less than half the time, and listings read no folders. Large objects and those with
   * signed requests are files.
   */
  readonly medium?: 'row';
  /**
   * Days after an object's last write. `featureDays` is a setting of the deployment; on one machine, these objects do
   * not expire. Objects that refer to other objects never expire; only the garbage collector removes them
   * (docs/garbage-collection.md).
   */
  readonly expires?: { readonly rule: string; readonly days: number | 'featureDays' };
  /** Permissions in AWS. Functions not listed have none. */
  readonly access: Readonly<Partial<Record<FunctionName, Permissions>>>;
}
