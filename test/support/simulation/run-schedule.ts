import type { UploadRecord } from '../../../lib/contracts/dataset.ts';
import { blobKey } from '../../../lib/datasets/files/blob-key.ts';
import { QUIET_IMPORT_SECONDS } from '../../../lib/datasets/uploads/running-imports.ts';
import { GraftError } from '../../../lib/errors.ts';
import type { Clock, World } from '../../../lib/ports.ts';
import { bytesOf, deleteName, fileOf, type PlannedUpload, sendUpload } from './clients.ts';
import { seedUuids } from './drawn-uuids.ts';
import { garbage, leftImports, missingParts, wrongEnds } from './invariants.ts';
import { type Actor, Scheduler } from './scheduler.ts';
import { graft } from './simulated-graft.ts';
import { HIDDEN_MS, MAX_RECEIVES, type QueuedMessage, simulatedQueue } from './simulated-queue.ts';
import { type Objects, simulatedStore } from './simulated-store.ts';

/** What people do at about the same time. Images are numbers: uploads of the same number send the same bytes. */
export interface Round {
  readonly uploads: readonly PlannedUpload[];
  /** Data sets that are deleted. */
  readonly deletions: readonly string[];
  /** Messages that ask for a collection, besides those of deletions. */
  readonly collections: number;
  /** How often a process dies, 0..1 a step. */
  readonly deaths: number;
  /** How often time jumps, 0..1 a step. */
  readonly jumps: number;
  /** How often a process is suspended for a while, 0..1 a step. */
  readonly stalls: number;
  /** How often a message is lost, 0..1. */
  readonly losses: number;
}

export interface Schedule {
  readonly steps: number;
  readonly uploads: readonly string[];
  /** Objects removed by collectors. */
  readonly removed: number;
  /** Lost messages. */
  readonly lost: number;
}

/** Different images. */
export const IMAGES = 4;

/** After so many steps of a round nobody dies any more, and time only passes where all wait. */
const CHAOS_STEPS = 600;
const MOST_STEPS = 40_000;
const JUMPS_SECONDS = [1, 10, 45, 100, 200, 7200, 90_000];
/** Somebody begins now, or while others are suspended. */
const DELAYS_SECONDS = [0, 0, 20, 95, 150, 1200, 2500];
const STALLS_SECONDS = [20, 100, 200, 2000, 8000];
/** Between two rounds what was left grows old enough to be removed; some uploads are abandoned, too. */
const PAUSES_SECONDS = [5000, 5000, 90_000, 700_000];
/** Clocks of different machines: as far apart as S3 allows them to be. */
const SKEW_MS = 600_000;
const CALM = { deaths: 0, jumps: 0, stalls: 0, losses: 0 };
const MAY_FAIL = ['UPLOAD_ABANDONED', 'IMPORT_RETRIES_EXHAUSTED'];

/** Runs one interleaving. @throws Error with what is wrong */
export async function runSchedule(rounds: readonly Round[], seed: number): Promise<Schedule> {
  seedUuids(seed);
  const scheduler = new Scheduler(seed);
  const objects: Objects = new Map();
  const messages: QueuedMessage[] = [];
  const actors = new Set<Actor>();
  const unexpected: string[] = [];
  let removed = 0;
  let lost = 0;
  let losses = 0;

  function onChange(key: string): void {
    if (!objects.has(key) && /^(?:blobs|manifests)\//.test(key)) removed++;
    // Only what goes, and a version that comes, can leave a version without a part of it.
    if (!(objects.has(key) ? /^datasets\// : /^(?:blobs|manifests|reports)\//).test(key)) return;
    for (const missing of missingParts(objects)) unexpected.push(`${missing} (after ${key} changed)`);
  }

  /** Starts a process with a clock of its own. */
  function start(name: string, run: (world: World) => Promise<void>): void {
    const actor: Actor = { name, alive: true, weight: scheduler.drawWeight() };
    const skew = Math.round((scheduler.draw() * 2 - 1) * SKEW_MS);
    const clock: Clock = {
      now: () => new Date(scheduler.now + skew),
      sleep: (milliseconds) => scheduler.sleep(actor, milliseconds),
    };
    const imports = simulatedQueue(messages, scheduler, actor, { isLost });
    const store = simulatedStore(objects, scheduler, actor, { clock, onChange });
    actors.add(actor);
    run({ store, clock, queues: { imports, trainings: imports, webhooks: imports, extractions: imports }, log: () => {} })
      .catch((error: unknown) => {
        if (!(error instanceof GraftError)) unexpected.push(`${name}: ${error instanceof Error ? error.stack : error}`);
      })
      .finally(() => actors.delete(actor));
  }

  function isLost(): boolean {
    const goes = losses > 0 && scheduler.draw() < losses;
    if (goes) lost++;
    return goes;
  }

  function deliver(): void {
    const isHidden = ({ visibleAt }: QueuedMessage) => visibleAt > scheduler.now;
    // At least once: now and then a message that somebody has comes to another, too.
    const isTwice = scheduler.draw() < 0.1;
    const queued = scheduler.pick(
      messages.filter((message) => message.receives < MAX_RECEIVES && (isTwice || !isHidden(message))),
    );
    if (queued !== undefined) take(queued);
  }

  function take(queued: QueuedMessage): void {
    queued.receives++;
    queued.visibleAt = scheduler.now + HIDDEN_MS;
    start(`worker of ${queued.message.type}`, async (world) => {
      await graft.handle(queued.message, queued.receives, world);
      const at = messages.indexOf(queued);
      if (at >= 0) messages.splice(at, 1);
    });
  }

  function begin({ uploads, deletions, collections }: Round): void {
    const later = (run: (world: World) => Promise<void>) => {
      const delay = (scheduler.pick(DELAYS_SECONDS) ?? 0) * 1000;
      return async (world: World) => {
        if (delay > 0) await world.clock.sleep?.(delay);
        await run(world);
      };
    };
    for (const upload of uploads)
      start(
        `client of ${upload.name}`,
        later((world) => sendUpload(upload, world)),
      );
    for (const name of deletions)
      start(
        `deleter of ${name}`,
        later((world) => deleteName(name, world)),
      );
    for (let number = 0; number < collections; number++) {
      const queued = { message: graft.collection, visibleAt: scheduler.now, receives: 0 };
      messages.push(queued);
      take(queued);
    }
  }

  /** What clients send after their uploads have ended: a signed request is good for an hour. */
  function sendLate(): void {
    for (let image = 0; image < IMAGES; image++) {
      const key = blobKey(fileOf(image, '').sha256);
      if (objects.has(key) || scheduler.draw() < 0.3) continue;
      objects.set(key, { body: bytesOf(image), etag: `${image}`, modifiedAt: scheduler.now });
    }
  }

  /** @returns whether anything is left to do before more time passes than that of a message */
  async function passTime(): Promise<boolean> {
    const visible = messages.filter(({ receives }) => receives < MAX_RECEIVES).map(({ visibleAt }) => visibleAt - scheduler.now);
    const next = Math.min(...visible, scheduler.untilNextTimer() ?? Number.POSITIVE_INFINITY);
    if (!Number.isFinite(next)) return false;
    await scheduler.advance(Math.max(0, next));
    if (visible.some((wait) => wait <= next)) deliver();
    return true;
  }

  /** Until nothing is left to do. */
  async function rest(chaos: Pick<Round, 'deaths' | 'jumps' | 'stalls' | 'losses'>): Promise<void> {
    const { deaths, jumps, stalls } = chaos;
    const calmAt = scheduler.steps + CHAOS_STEPS;
    while (unexpected.length === 0) {
      if (scheduler.steps > MOST_STEPS)
        throw new Error(`no rest after ${MOST_STEPS} steps: ${[...actors].map(({ name }) => name)}`);
      const isChaos = scheduler.steps < calmAt;
      losses = isChaos ? chaos.losses : 0;
      const roll = scheduler.draw();
      if (isChaos && roll < jumps) await scheduler.advance((scheduler.pick(JUMPS_SECONDS) ?? 0) * 1000);
      else if (isChaos && roll < jumps + deaths) kill(scheduler.pick([...actors]));
      else if (isChaos && roll < jumps + deaths + stalls) suspend(scheduler.pick([...actors]));
      else if (roll > 0.98) deliver();
      else if (isChaos && roll > 0.979) start('maintenance', (world) => graft.maintain(world));
      else if (!(await scheduler.step()) && !(await passTime())) return;
    }
  }

  function suspend(actor: Actor | undefined): void {
    if (actor !== undefined) scheduler.suspend(actor, (scheduler.pick(STALLS_SECONDS) ?? 0) * 1000);
  }

  function kill(actor: Actor | undefined): void {
    if (actor === undefined) return;
    scheduler.kill(actor);
    actors.delete(actor);
  }

  const said = (what: readonly string[]) => {
    if (what.length > 0) throw new Error(`seed ${seed}, step ${scheduler.steps}: ${[...new Set(what)].slice(0, 5).join('; ')}`);
  };
  for (const round of rounds) {
    sendLate();
    await scheduler.advance((scheduler.pick(PAUSES_SECONDS) ?? 0) * 1000);
    begin(round);
    await rest(round);
    // The tracker comes each minute. It finds dead letters when they are no longer hidden, and lost messages later.
    for (const wait of [HIDDEN_MS, QUIET_IMPORT_SECONDS * 1000 + 2 * SKEW_MS]) {
      await scheduler.advance(wait);
      start('maintenance', (world) => graft.maintain(world));
      await rest(CALM);
    }
    said(unexpected);
    said(leftImports(objects));
  }
  // What was abandoned is old enough by now. A second collection removes what the first has ended.
  for (let turn = 0; turn < 2; turn++) {
    await scheduler.advance(700_000_000);
    start('maintenance', (world) => graft.maintain(world));
    await rest(CALM);
    said(unexpected);
  }
  said(wrongEnds(objects, MAY_FAIL));
  said(garbage(objects).map((key) => `${key} is left`));
  const uploads = [...objects.keys()].filter((key) => key.startsWith('uploads/'));
  return { steps: scheduler.steps, removed, lost, uploads: uploads.map((key) => stateOf(objects, key)) };
}

function stateOf(objects: Objects, key: string): string {
  const { state, error } = JSON.parse(new TextDecoder().decode(objects.get(key)?.body)) as UploadRecord;
  return error === undefined ? state : `${state}: ${error.code}`;
}
