/**
 * An array job of AWS Batch that extracts the features of many images, on virtual time. The division into parts is
 * Graft's own; machines, their losses and S3's limit are models.
 */

import { shardsOfPart } from '../../../lib/features/extraction-part.ts';
import { SHARD_IMAGES } from '../../../lib/features/feature-shard.ts';
import { type RandomStream, randomStream } from '../../../lib/random.ts';

export interface ArrayModel {
  readonly images: number;
  /** Parts of the array, one machine each. */
  readonly machines: number;
  /** The most machines at once: the quota, or the deployment's limit. */
  readonly mostAtOnce: number;
  /** Of one machine. */
  readonly imagesPerSecond: number;
  /** From the queue to the first line of the program. */
  readonly startSeconds: number;
  /** To read the manifest and the headers of shards. */
  readonly openSeconds: number;
  /** S3's limit, of all machines together; each image is one GET. */
  readonly getsPerSecond: number;
  /** Spot reclaims of a machine. AWS Batch starts the part again on another one. */
  readonly reclaimsPerHour: number;
  /** The share of parts whose process dies once, which AWS Batch then starts again, too. */
  readonly crashes: number;
  readonly seed: number;
}

export interface ArrayOutcome {
  /** Until all features are stored. */
  readonly seconds: number;
  readonly machineSeconds: number;
  readonly starts: number;
  /** Arrays: one for each attempt of the job. */
  readonly attempts: number;
  /** Number of times that each shard was computed, also in vain. */
  readonly computed: Uint8Array;
  readonly stored: Uint8Array;
}

/** AWS Batch starts a part at most this often (lib/aws/batch-compute.ts). */
const MOST_STARTS = 3;
const MOST_ATTEMPTS = 3;

interface Part {
  readonly index: number;
  starts: number;
  /** The shard at which the process dies; undefined if it does not. */
  crashAt: number | undefined;
}

/** @throws Error if the job fails: three arrays with a failed part */
export function simulateArray(model: ArrayModel): ArrayOutcome {
  const { images, machines } = model;
  const shards = Math.ceil(images / SHARD_IMAGES);
  const random = randomStream(model.seed, 'array', machines);
  const state = { computed: new Uint8Array(shards), stored: new Uint8Array(shards), machineSeconds: 0, starts: 0 };
  const doomed = Array.from({ length: machines }, (_, index) => {
    const { from, to } = shardsOfPart(shards, { index, count: machines });
    return random.next() < model.crashes && to > from ? from + random.integer(to - from) : undefined;
  });
  let seconds = 0;
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const parts = doomed.map((crashAt, index): Part => ({ index, starts: 0, crashAt: attempt === 1 ? crashAt : undefined }));
    const array = runArray(parts, shards, model, state, random);
    seconds += array.seconds;
    if (!array.failed) return { ...state, seconds, attempts: attempt };
  }
  throw new Error('the job failed after three attempts');
}

type State = { -readonly [Member in 'machineSeconds' | 'starts']: number } & Pick<ArrayOutcome, 'computed' | 'stored'>;

/** Parts wait for machines in order. Each step of a machine is one shard. */
function runArray(parts: readonly Part[], shards: number, model: ArrayModel, state: State, random: RandomStream) {
  const waiting = [...parts];
  const events: { readonly at: number; readonly run: (now: number) => void }[] = [];
  const schedule = (at: number, run: (now: number) => void): void => {
    const place = events.findLastIndex((event) => event.at <= at);
    events.splice(place + 1, 0, { at, run });
  };
  let running = 0;
  let failed = false;

  function startNext(now: number): void {
    while (running < model.mostAtOnce) {
      const part = waiting.shift();
      if (part === undefined) return;
      running++;
      part.starts++;
      state.starts++;
      const lostAt = now + (-Math.log(1 - random.next()) * 3600) / model.reclaimsPerHour;
      const { from, to } = shardsOfPart(shards, { index: part.index, count: parts.length });
      const end = (at: number): void => {
        state.machineSeconds += at - now;
        running--;
        startNext(at);
      };
      const lose = (at: number): void => {
        if (part.starts < MOST_STARTS) waiting.push(part);
        else failed = true;
        end(at);
      };
      const step = (at: number, first: number): void => {
        let shard = first;
        while (shard < to && state.stored[shard] === 1) shard++;
        if (shard === to) end(at);
        else compute(at, shard);
      };
      const compute = (at: number, shard: number): void => {
        const rate = Math.min(model.imagesPerSecond, model.getsPerSecond / running);
        const done = at + Math.min(SHARD_IMAGES, model.images - shard * SHARD_IMAGES) / rate;
        state.computed[shard] = (state.computed[shard] ?? 0) + 1;
        if (lostAt < done) schedule(lostAt, lose);
        else schedule(done, (then) => finish(then, shard));
      };
      const finish = (at: number, shard: number): void => {
        if (shard === part.crashAt) {
          part.crashAt = undefined;
          lose(at);
          return;
        }
        state.stored[shard] = 1;
        step(at, shard + 1);
      };
      const ready = now + model.startSeconds + model.openSeconds;
      if (lostAt < ready) schedule(lostAt, lose);
      else schedule(ready, (at) => step(at, from));
    }
  }

  let now = 0;
  startNext(0);
  for (let event = events.shift(); event !== undefined; event = events.shift()) {
    now = event.at;
    event.run(now);
  }
  return { seconds: now, failed };
}
