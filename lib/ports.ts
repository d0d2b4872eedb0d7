/**
 * The interfaces through which the core uses the outside world. lib/local implements them with files, SQLite and a
 * child process, lib/aws with S3, SQS, AWS Batch and Lambda. test/support/port-contracts.ts runs the same tests on
 * both.
 */
import type { z } from 'zod';
import type { ComputeTarget } from './contracts/compute.ts';
import type { MachineProfile } from './contracts/machine-profile.ts';
import type { NetworkInput } from './contracts/network-input.ts';
import type { QueueMessage } from './contracts/queue-message.ts';

/** Objects by key (`jobs/0190.json`), as in S3: whole-object writes, strong consistency, compare-and-swap by ETag. */
export interface ObjectStore {
  /**
   * Reads an object.
   * @returns its bytes and ETag, or undefined if it does not exist
   */
  get(key: string): Promise<StoredObject | undefined>;
  /**
   * Reads bytes [start, end) of an object.
   * @throws NotFoundError OBJECT_NOT_FOUND
   */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  head(key: string): Promise<ObjectHead | undefined>;
  /**
   * Writes the whole object or nothing. `ifAbsent` only creates; `ifMatch` only replaces the version with this ETag.
   * @throws ConflictError PRECONDITION_FAILED if the condition does not hold; CapacityError STORE_FULL
   */
  put(key: string, body: Uint8Array, condition?: PutCondition): Promise<ObjectVersion>;
  /**
   * Copies an object without transferring it through this process.
   * @throws NotFoundError OBJECT_NOT_FOUND
   */
  copy(from: string, to: string): Promise<void>;
  /**
   * Deletes an object; does nothing if it does not exist.
   * @param options `before`: starts no delete request at or after this time by this machine's clock
   * @throws CapacityError DELETE_TOO_LATE if that time has passed; then this call deleted nothing
   */
  delete(key: string, options?: { readonly before?: Date }): Promise<void>;
  /**
   * Lists a page of keys that begin with `prefix`, in the order of their UTF-8 bytes. `after` is the last key of the
   * previous page.
   */
  list(prefix: string, page?: { readonly after?: string; readonly limit?: number }): Promise<ObjectPage>;
  /** Signs a request that uploads exactly these bytes (size and SHA-256), once, until it expires. */
  signUpload(
    key: string,
    upload: { readonly size: number; readonly sha256: string; readonly expiresInSeconds: number },
  ): Promise<SignedRequest>;
  /** Signs a request that downloads the object until it expires. */
  signDownload(key: string, download: { readonly expiresInSeconds: number }): Promise<SignedRequest>;
}

export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
}

/** One version of an object, created by a write. */
export interface ObjectVersion {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

export interface ObjectHead extends ObjectVersion {
  /** Time of the write by the store's clock; S3 gives whole seconds. */
  readonly modifiedAt: Date;
}

export interface ObjectPage {
  readonly objects: readonly ObjectHead[];
  /** Whether there is another page. */
  readonly more: boolean;
}

export type PutCondition = { readonly ifAbsent: true } | { readonly ifMatch: string };

export interface SignedRequest {
  readonly method: 'PUT' | 'GET';
  /** Absolute, or relative to the API's own address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Buckets of the user, in which the images of data sets may stay. Graft never writes to them. */
export interface SourceBuckets {
  /**
   * Checks that Graft may read all keys that begin with this key.
   * @throws ForbiddenError BUCKET_NOT_ALLOWED if it may not
   */
  requireAllowed(object: { readonly bucket: string; readonly key: string }): void;
  /**
   * Lists a page of a bucket's objects, as a store does.
   * @throws ForbiddenError BUCKET_NOT_ALLOWED, S3_ACCESS_DENIED; NotFoundError SOURCE_BUCKET_MISSING
   */
  list(bucket: string, prefix: string, page: { readonly after?: string; readonly limit: number }): Promise<ObjectPage>;
  /**
   * Reads the first `most` bytes of an object's current version or of a given one.
   * @returns undefined if it does not exist
   * @throws as `list`; DataError IMAGE_ARCHIVED
   */
  read(
    object: { readonly bucket: string; readonly key: string; readonly version?: string | undefined },
    most: number,
  ): Promise<SourceObject | undefined>;
}

export interface SourceObject extends StoredObject {
  /** Present if the bucket keeps versions. */
  readonly version?: string;
}

/**
 * A queue with at-least-once delivery, as SQS: a received message is hidden, and delivered again unless acknowledged.
 */
export interface JobQueue {
  send(message: QueueMessage, options?: { readonly delaySeconds?: number }): Promise<void>;
  /** Receives up to `max` messages and hides them for `visibilitySeconds`. Waits up to `waitSeconds` for the first. */
  receive(options: {
    readonly max: number;
    readonly visibilitySeconds: number;
    readonly waitSeconds?: number;
  }): Promise<Delivery[]>;
  /** Hides a received message for this long from now. Does nothing if the receipt is no longer valid. */
  extend(receipt: string, visibilitySeconds: number): Promise<void>;
  /** Removes a message that is done. Does nothing if the receipt is no longer valid: another worker has the message. */
  acknowledge(receipt: string): Promise<void>;
  /**
   * Returns the messages that were received more often than the queue allows, oldest first. Omits those that this
   * version cannot read.
   */
  deadLetters(): Promise<QueueMessage[]>;
  /**
   * Puts all dead letters back on the queue.
   * @returns their number
   */
  redrive(): Promise<number>;
  /** Returns how often a message is delivered before it becomes a dead letter. */
  maxReceives(): Promise<number>;
  /** Returns the number of messages that wait or are hidden; approximate for SQS. */
  size(): Promise<number>;
}

export interface Delivery {
  readonly message: QueueMessage;
  readonly receipt: string;
  /** 1 for the first delivery. */
  readonly receiveCount: number;
}

/** Runs the attempts of jobs: a child process, a training Lambda function, or AWS Batch. */
export interface Compute {
  /**
   * Checks that there is room for an attempt. Absent if the compute target finds room itself. A job without room waits,
   * however long, and uses no attempt.
   * @throws CapacityError, retryable, while there is no room
   */
  requireRoom?(): Promise<void>;
  /**
   * Starts an attempt, which then runs on its own.
   * @returns a handle for stopping it
   */
  start(attempt: JobAttempt): Promise<string>;
  /**
   * Requests that the attempt end (SIGTERM, TerminateJob), and kills it if it does not. Does nothing if it has ended.
   */
  stop(handle: string): Promise<void>;
  /** Returns the state of the attempt, as far as the compute target knows. */
  state(handle: string): Promise<AttemptState>;
  /**
   * Sends messages of an attempt again that may be lost. Absent if the compute target has no messages.
   * @param sentAt when the attempt was accepted, or messages were last sent again
   * @returns whether it sent any
   */
  resend?(handle: string, sentAt: Date): Promise<boolean>;
  /**
   * Returns how many attempts may run at once where this one would run.
   * @returns undefined if there is no limit, or the compute target has a queue of its own
   */
  limit?(attempt: JobAttempt): Promise<ComputeLimit | undefined>;
}

/**
 * `waiting`: accepted, but no process works on it now. `unstarted`: the compute target has ended the attempt, and never
 * ran it.
 */
export type AttemptState = 'waiting' | 'alive' | 'ended' | 'unstarted' | 'unknown';

export interface ComputeLimit {
  /** Name of the group of attempts that are counted together: `lambda`. */
  readonly pool: string;
  readonly most: number;
  /** Seconds after which a job without a slot tries again. */
  readonly waitSeconds: number;
}

export interface JobAttempt {
  readonly job: string;
  readonly attempt: number;
}

/** What was measured on this machine, by name. It may be lost at any time. */
export interface MachineCache {
  /** @returns undefined if the cache has no value of this name that fits the schema */
  read<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.infer<Schema> | undefined>;
  /** @throws Error if it cannot be written, for example because the disk is full */
  write(name: string, value: unknown): Promise<void>;
}

/**
 * Images as inputs of networks, kept from the import that decodes them to the training that follows it. They may be
 * lost at any time.
 */
export interface InputCache {
  /** Keeps an input of an image. A failure is logged. @param pixels as `fitToInput` returns them */
  keep(sha256: string, input: NetworkInput, pixels: Float32Array): Promise<void>;
  /** @returns undefined if this input of the image was not kept */
  find(sha256: string, input: NetworkInput): Promise<Float32Array | undefined>;
}

export interface Clock {
  now(): Date;
  /**
   * Counts the seconds of work, from any moment on: without those in which the machine slept, whatever the time is set
   * to. Default: those between two times of `now`, where machines do not sleep.
   */
  awakeSeconds?(): number;
  /** Waits; default: in real time. */
  sleep?(milliseconds: number): Promise<void>;
}

/** Writes a line to the log: a short stable event name and its values. */
export type Log = (event: string, values?: Readonly<Record<string, unknown>>) => void;

/** Everything outside the core that it depends on. */
export interface World {
  readonly store: ObjectStore;
  /** One queue for each kind of work, so that uploads and webhooks do not wait behind trainings. */
  readonly queues: {
    readonly imports: JobQueue;
    readonly trainings: JobQueue;
    readonly webhooks: JobQueue;
    /** Of functions that extract features. Absent if this deployment has none. */
    readonly extractions?: JobQueue | undefined;
  };
  readonly clock: Clock;
  readonly log: Log;
  /** Without it, data sets cannot use external objects. */
  readonly buckets?: SourceBuckets;
  /** The compute targets on which jobs can start; default: this machine. */
  readonly targets?: readonly ComputeTarget[];
  /** The most GPU machines at once. Absent if there are none, or if the deployment does not say. */
  readonly maxMachines?: number | undefined;
  /** The most functions that extract features at once. Absent if there are none. */
  readonly maxFunctions?: number | undefined;
  /** Instance types of the GPU machines. Absent if there are none, or if the deployment does not say. */
  readonly gpuInstances?: readonly string[] | undefined;
  /** Memory of the training function, in MiB. Absent if there is none, or if the deployment does not say. */
  readonly functionMemory?: number | undefined;
  /**
   * Returns the measured speed of this machine, and measures it if nothing was measured for a week. Without it, or if it
   * fails, estimates use reference rates.
   */
  readonly machineProfile?: () => Promise<MachineProfile | undefined>;
  /** Absent where each attempt has a machine of its own. */
  readonly machineCache?: MachineCache;
  /** Absent where imports and trainings share no disk. */
  readonly inputCache?: InputCache;
  /** Whether webhooks may go to this machine, also without TLS; default: false. */
  readonly loopbackWebhooks?: boolean;
}
