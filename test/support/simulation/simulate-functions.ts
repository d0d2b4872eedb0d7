/**
 * Lambda functions that extract the features of many images, on virtual time. Parts, shards and time limits are Graft's
 * own; the speed of functions, their starts, their deaths and S3's limit are models.
 */
import { SHARD_IMAGES } from '../../../lib/features/feature-shard.ts';
import { randomStream } from '../../../lib/random.ts';
import { CALL_SECONDS } from '../../../lib/store/parts/part-calls.ts';
import { hasTimeForAnother } from '../../../lib/store/parts/part-time.ts';

export interface FunctionsModel {
  readonly images: number;
  readonly imagesOfPart: number;
  /** The most at once. */
  readonly functions: number;
  /** Of one function. */
  readonly imagesPerSecond: number;
  /** The start of a function, and the listing of images before the first part. */
  readonly startSeconds: number;
  readonly listSeconds: number;
  /** A call's own overhead: it reads the trunk and its part, and writes its records. */
  readonly callSeconds: number;
  /** The functions that SQS starts with, and how many it adds per second. */
  readonly firstFunctions: number;
  readonly addedPerSecond: number;
  /** S3's limit, of all functions together; each image is one GET. */
  readonly getsPerSecond: number;
  /** The share of calls whose function dies at a random shard. */
  readonly deaths: number;
  readonly seed: number;
}

export interface FunctionsOutcome {
  /** Until all features are stored. */
  readonly seconds: number;
  readonly functionSeconds: number;
  readonly calls: number;
  /** Number of times that each shard was computed, also in vain. */
  readonly computed: Uint8Array;
  readonly stored: Uint8Array;
}

/** How long a message of a part is hidden (infra/constructs/queues.ts). */
const HIDDEN_SECONDS = CALL_SECONDS + 60;

export function simulateFunctions(model: FunctionsModel): FunctionsOutcome {
  const { images, imagesOfPart, functions, startSeconds, listSeconds } = model;
  const shards = Math.ceil(images / SHARD_IMAGES);
  const ofPart = imagesOfPart / SHARD_IMAGES;
  const random = randomStream(model.seed, 'functions', functions);
  const [computed, stored] = [new Uint8Array(shards), new Uint8Array(shards)];
  const events: { readonly at: number; readonly run: (now: number) => void }[] = [];
  const schedule = (at: number, run: (now: number) => void): void => {
    const place = events.findLastIndex((event) => event.at <= at);
    events.splice(place + 1, 0, { at, run });
  };
  const begun = startSeconds + listSeconds;
  const parts = Math.ceil(images / imagesOfPart);
  const waiting = Array.from({ length: Math.min(functions, parts) }, (_, part) => part);
  let [running, warm, calls, functionSeconds, seconds] = [0, 0, 0, begun, begun];

  const allowed = (now: number): number =>
    Math.min(functions, model.firstFunctions + Math.floor((now - begun) * model.addedPerSecond));

  function startNext(now: number): void {
    while (running < allowed(now)) {
      const part = waiting.shift();
      if (part === undefined) return;
      running++;
      calls++;
      const isWarm = warm > 0;
      if (isWarm) warm--;
      const dies = random.next() < model.deaths;
      const diesAt = dies ? part * ofPart + random.integer(ofPart) : undefined;
      const end = (at: number, isAlive: boolean): void => {
        functionSeconds += at - now;
        seconds = Math.max(seconds, at);
        running--;
        if (isAlive) warm++;
        startNext(at);
      };
      const last = Math.min(shards, (part + 1) * ofPart);
      const step = (at: number, from: number, secondsOfLast: number): void => {
        let shard = from;
        while (shard < last && stored[shard] === 1) shard++;
        if (shard >= last) {
          if (part + functions < parts) waiting.push(part + functions);
          end(at, true);
        } else if (!hasTimeForAnother(CALL_SECONDS - (at - now), secondsOfLast)) {
          waiting.push(part);
          end(at, true);
        } else compute(at, shard);
      };
      const compute = (at: number, shard: number): void => {
        const rate = Math.min(model.imagesPerSecond, model.getsPerSecond / running);
        const took = Math.min(SHARD_IMAGES, images - shard * SHARD_IMAGES) / rate;
        computed[shard] = (computed[shard] ?? 0) + 1;
        schedule(at + took, (then) => {
          if (shard === diesAt) {
            schedule(now + HIDDEN_SECONDS, (again) => {
              waiting.push(part);
              startNext(again);
            });
            end(then, false);
            return;
          }
          stored[shard] = 1;
          step(then, shard + 1, took);
        });
      };
      schedule(now + (isWarm ? 0 : startSeconds) + model.callSeconds, (at) => step(at, part * ofPart, 0));
    }
  }

  for (let second = 0; allowed(begun + second - 1) < functions || second === 0; second++) schedule(begun + second, startNext);
  for (let event = events.shift(); event !== undefined; event = events.shift()) event.run(event.at);
  return { seconds, functionSeconds, calls, computed, stored };
}
