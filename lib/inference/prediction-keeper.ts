/**
 * Keeps predictions on request, beside the prediction itself: a failure is logged, and no prediction fails or waits
 * longer than `waitMs` because of it.
 */
import { randomInt } from 'node:crypto';
import type { KeptPrediction, StoredKeeping } from '../contracts/keeping.ts';
import { errorJson } from '../errors.ts';
import type { ObjectStore, World } from '../ports.ts';
import { putIfAbsent } from '../store/conditional-put.ts';
import { dayOf, keptKeys } from '../store/kept-keys.ts';
import type { NamedImage, Prediction } from './served-model.ts';

/** The most labels that are kept of a prediction. */
export const KEPT_LABELS = 20;
/** How often a prediction looks for a free slot: the day's last slots are found more and more rarely. */
const SLOT_TRIES = 3;
/** Writes at once; further predictions are not kept. */
const MOST_PENDING = 64;

/** The predictions of a request. */
export interface KeptRequest {
  readonly model: string;
  readonly version: number;
  readonly keeping: StoredKeeping;
  readonly images: readonly NamedImage[];
  /** Of each image, with all labels or the first KEPT_LABELS. */
  readonly predictions: readonly Prediction[];
}

export interface PredictionKeeper {
  /** Draws which predictions to keep, and begins to write them. Never fails. */
  keep(request: KeptRequest): Promise<void>;
  /** Waits for all writes. */
  close(): Promise<void>;
}

export interface KeeperOptions {
  /**
   * Milliseconds to wait for the writes of a request: 0 for a process that goes on after the response, more for a
   * function that is frozen then. Writes that take longer continue.
   */
  readonly waitMs: number;
  /** Draws a number in [0, 1). */
  readonly draw?: () => number;
}

/** Opens a keeper of predictions. */
export function openPredictionKeeper(
  { store, clock, log }: Pick<World, 'store' | 'clock' | 'log'>,
  { waitMs, draw = drawShare }: KeeperOptions,
): PredictionKeeper {
  const pending = new Set<Promise<void>>();

  function begin(write: () => Promise<void>): Promise<void> {
    const written = write()
      .catch((error: unknown) => log('prediction.not-kept', { error: errorJson(error) }))
      .finally(() => pending.delete(written));
    pending.add(written);
    return written;
  }

  return {
    async keep({ model, version, keeping, images, predictions }) {
      const now = clock.now();
      const begun: Promise<void>[] = [];
      for (const [row, prediction] of predictions.entries()) {
        if (draw() >= keeping.share || pending.size >= MOST_PENDING) continue;
        const bytes = keeping.images ? images[row]?.bytes : undefined;
        const kept = describe(prediction, now, bytes);
        if (kept === undefined) continue;
        const day = { model, period: keeping.period, version, day: dayOf(now) };
        begun.push(begin(() => write(kept, bytes, store, () => keptKeys({ ...day, slot: Math.floor(draw() * keeping.perDay) }))));
      }
      if (waitMs > 0 && begun.length > 0) await within(waitMs, Promise.all(begun));
    },
    async close() {
      await Promise.all(pending);
    },
  };
}

/** A share, from the operating system: which predictions are kept need not be reproducible. */
function drawShare(): number {
  return randomInt(2 ** 47) / 2 ** 47;
}

function describe(
  { labels, known, unknownScore }: Prediction,
  at: Date,
  bytes: Uint8Array | undefined,
): KeptPrediction | undefined {
  const [first] = labels;
  if (first === undefined) return undefined;
  const given = labels.filter((one) => one.given).slice(0, KEPT_LABELS);
  return {
    at: at.toISOString(),
    label: first.label,
    confidence: first.probability,
    ...(first.given !== undefined && { labels: given.map(({ label }) => label) }),
    ...(known !== undefined && { known }),
    ...(unknownScore !== undefined && { unknownScore }),
    ...(bytes !== undefined && { imageBytes: bytes.length }),
  };
}

/** Writes the prediction into a slot that is free, and then its image; nothing if the day has hardly any slots left. */
async function write(
  prediction: KeptPrediction,
  bytes: Uint8Array | undefined,
  store: ObjectStore,
  drawKeys: () => ReturnType<typeof keptKeys>,
): Promise<void> {
  const body = new TextEncoder().encode(`${JSON.stringify(prediction)}\n`);
  for (let tries = 0; tries < SLOT_TRIES; tries++) {
    const keys = drawKeys();
    if (!(await putIfAbsent(store, keys.prediction, body))) continue;
    if (bytes !== undefined) await store.put(keys.image, bytes);
    return;
  }
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, milliseconds);
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}
