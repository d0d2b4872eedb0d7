/**
 * What the core needs from the world. lib/local keeps these promises with files, SQLite and a child process, lib/aws with
 * S3, SQS, AWS Batch and Lambda; test/support/port-contracts.ts holds both to the same tests.
 */
import type { ComputeTarget } from './contracts/compute.ts';
import type { MachineProfile } from './contracts/machine-profile.ts';
import type { QueueMessage } from './contracts/queue-message.ts';

/** Objects by key (`jobs/0190.json`), as S3 has them: whole-object writes, strongly consistent, compare-and-swap by ETag. */
export interface ObjectStore {
  /** The object's bytes and ETag, or undefined where there is none. */
  get(key: string): Promise<StoredObject | undefined>;
  /** Bytes [start, end) of an object. @throws NotFoundError OBJECT_NOT_FOUND */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  head(key: string): Promise<ObjectHead | undefined>;
  /**
   * Writes the whole object or nothing. `ifAbsent` creates only; `ifMatch` replaces only the version with this ETag.
   * @throws ConflictError PRECONDITION_FAILED when the condition does not hold; CapacityError STORE_FULL
   */
  put(key: string, body: Uint8Array, condition?: PutCondition): Promise<ObjectVersion>;
  /** Copies without reading through this process. @throws NotFoundError OBJECT_NOT_FOUND */
  copy(from: string, to: string): Promise<void>;
  /**
   * Removes the object; nothing happens where there is none.
   * @param options `before`: no request to remove it is begun at or after this time of this machine's clock
   * @throws CapacityError DELETE_TOO_LATE where that time came first; nothing was removed by this call then
   */
  delete(key: string, options?: { readonly before?: Date }): Promise<void>;
  /** A page of keys that begin with `prefix`, in the order of their UTF-8 bytes; `after` is the last key of the page before. */
  list(prefix: string, page?: { readonly after?: string; readonly limit?: number }): Promise<ObjectPage>;
  /** A request with which the holder may upload these exact bytes (size and SHA-256) once, until it expires. */
  signUpload(
    key: string,
    upload: { readonly size: number; readonly sha256: string; readonly expiresInSeconds: number },
  ): Promise<SignedRequest>;
  /** A request with which the holder may fetch the object until it expires. */
  signDownload(key: string, download: { readonly expiresInSeconds: number }): Promise<SignedRequest>;
}

export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
}

/** One version of an object: what a write made. */
export interface ObjectVersion {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

export interface ObjectHead extends ObjectVersion {
  /** When this version was written, by the store's own clock; S3 gives whole seconds. */
  readonly modifiedAt: Date;
}

export interface ObjectPage {
  readonly objects: readonly ObjectHead[];
  /** Whether another page follows. */
  readonly more: boolean;
}

export type PutCondition = { readonly ifAbsent: true } | { readonly ifMatch: string };

export interface SignedRequest {
  readonly method: 'PUT' | 'GET';
  /** Absolute, or relative to the API's own address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Buckets of the user's own, whose images data sets may have where they lie. Nothing is ever written there. */
export interface SourceBuckets {
  /** @throws ForbiddenError BUCKET_NOT_ALLOWED unless all that begins with this key may be read */
  requireAllowed(object: { readonly bucket: string; readonly key: string }): void;
  /**
   * A page of a bucket's objects, as of a store.
   * @throws ForbiddenError BUCKET_NOT_ALLOWED, S3_ACCESS_DENIED; NotFoundError SOURCE_BUCKET_MISSING
   */
  list(bucket: string, prefix: string, page: { readonly after?: string; readonly limit: number }): Promise<ObjectPage>;
  /**
   * The first `most` bytes of an object as it is, or of one version of it; undefined where there is none.
   * @throws as `list`; DataError IMAGE_ARCHIVED
   */
  read(
    object: { readonly bucket: string; readonly key: string; readonly version?: string | undefined },
    most: number,
  ): Promise<SourceObject | undefined>;
}

export interface SourceObject extends StoredObject {
  /** Where the bucket keeps versions. */
  readonly version?: string;
}

/** At-least-once delivery, as SQS has it: a received message is hidden until acknowledged, or comes again. */
export interface JobQueue {
  send(message: QueueMessage, options?: { readonly delaySeconds?: number }): Promise<void>;
  /** Takes up to `max` messages and hides them for `visibilitySeconds`; waits up to `waitSeconds` for the first. */
  receive(options: {
    readonly max: number;
    readonly visibilitySeconds: number;
    readonly waitSeconds?: number;
  }): Promise<Delivery[]>;
  /** Hides a received message for that long from now. Nothing happens when the receipt is no longer valid. */
  extend(receipt: string, visibilitySeconds: number): Promise<void>;
  /** The message is done. Nothing happens when the receipt is no longer valid: another worker has the message. */
  acknowledge(receipt: string): Promise<void>;
  /** Messages received more often than the queue allows, oldest first; without those that this version cannot read. */
  deadLetters(): Promise<QueueMessage[]>;
  /** Puts every dead letter back. @returns how many */
  redrive(): Promise<number>;
  /** How often a message is delivered before it is a dead letter. */
  maxReceives(): Promise<number>;
  /** How many messages wait or are hidden; for SQS an approximation. */
  size(): Promise<number>;
}

export interface Delivery {
  readonly message: QueueMessage;
  readonly receipt: string;
  /** 1 for the first delivery. */
  readonly receiveCount: number;
}

/** Where attempts of jobs run: a child process, a training Lambda, AWS Batch. */
export interface Compute {
  /** Starts one attempt; it lives on its own from then on. @returns a name with which to stop it */
  start(attempt: JobAttempt): Promise<string>;
  /** Asks the attempt to end (SIGTERM, TerminateJob), and ends it where it does not. Nothing happens when it has ended. */
  stop(handle: string): Promise<void>;
  /** Whether the attempt lives, as far as the compute can tell. */
  state(handle: string): Promise<'alive' | 'ended' | 'unknown'>;
  /**
   * How many attempts may run at once where this one would run; undefined where any number may, or the compute has a
   * queue of its own.
   */
  limit?(attempt: JobAttempt): Promise<ComputeLimit | undefined>;
}

export interface ComputeLimit {
  /** Names the attempts that are counted together: `lambda`. */
  readonly pool: string;
  readonly most: number;
  /** After how many seconds a job that found no room looks again. */
  readonly waitSeconds: number;
}

export interface JobAttempt {
  readonly job: string;
  readonly attempt: number;
}

export interface Clock {
  now(): Date;
  /** Waits; without it, real time is waited for. */
  sleep?(milliseconds: number): Promise<void>;
}

/** One line of the log: a short stable event name, and its values. */
export type Log = (event: string, values?: Readonly<Record<string, unknown>>) => void;

/** All that the core is handed. */
export interface World {
  readonly store: ObjectStore;
  /** A queue for each kind of work, so that no upload and no webhook waits behind a training. */
  readonly queues: { readonly imports: JobQueue; readonly trainings: JobQueue; readonly webhooks: JobQueue };
  readonly clock: Clock;
  readonly log: Log;
  /** Without it, no image is read where it lies. */
  readonly buckets?: SourceBuckets;
  /** What jobs can be started on; without it, this machine. */
  readonly targets?: readonly ComputeTarget[];
  /**
   * How fast this machine is, measured unless that was done before; without it, or if that fails, estimates use
   * reference rates.
   */
  readonly machineProfile?: () => Promise<MachineProfile | undefined>;
  /** Whether webhooks may go to this machine, also without TLS; without it, they may not. */
  readonly loopbackWebhooks?: boolean;
}
