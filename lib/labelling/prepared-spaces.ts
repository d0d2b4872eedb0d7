import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { JobSpec } from '../contracts/job-spec.ts';
import { resolveBackbone } from '../estimates/resolve-backbone.ts';
import { readStageFeatures } from '../features/stage-features.ts';
import type { Log, ObjectStore } from '../ports.ts';
import { startTensors } from '../tensor/start-tensors.ts';
import { blocksOf } from '../training/closed-form/feature-block.ts';
import { type FeatureSpace, openFeatureSpace } from './feature-space.ts';
import { mapSpace, type SpaceMap } from './map-space.ts';

/** Answered spaces that stay in memory; one of 20,000 images takes 40 MB, half of it for its unit vectors. */
const MOST_OPEN = 4;

/**
 * After this time without a call, nobody waits for a space any more. Pages ask every few seconds, but browsers let a
 * hidden page ask once a minute only.
 */
const ABANDONED_MS = 90_000;

export interface OpenSpace {
  readonly space: FeatureSpace;
  /** By SHA-256. */
  readonly rowOf: ReadonlyMap<string, number>;
}

interface Progress {
  readonly progress: { readonly done: number; readonly total: number };
}

/** The space of some images, or how far its preparation is. */
export type SpaceState = OpenSpace | Progress;

/** The map of some images, or how far it is. */
export type MapState = (OpenSpace & { readonly map: SpaceMap }) | Progress;

interface Opening {
  readonly key: string;
  readonly images: readonly string[];
  readonly store: ObjectStore;
  /** Of the last call. */
  askedAt: number;
  progress: Progress['progress'];
  ready?: OpenSpace;
  error?: unknown;
  map?: { share: number; readonly ready?: SpaceMap; readonly error?: unknown };
  /** What no call has returned yet. Until then it is kept, or data sets that are asked for in turn would never be ready. */
  readonly unanswered: Set<'space' | 'map'>;
  readonly drop: AbortController;
  /** Aborted when it is dropped, and by `close`. */
  readonly signal: AbortSignal;
}

/** Computes the space of some images. @throws the signal's reason */
export type PrepareSpace = (
  images: readonly string[],
  options: {
    readonly store: ObjectStore;
    readonly signal: AbortSignal;
    readonly onProgress: (done: number, total: number) => void;
  },
) => Promise<FeatureSpace>;

/**
 * Opens spaces in the background, by the images that they hold, and keeps the last ones in memory. It prepares one at a
 * time, since the features of 20,000 images take 1.4 GB; the others wait in the order of their first calls. What nobody
 * asked for during 90 seconds is dropped if it waits, if others wait for it, or if it is ready and no call returned it.
 */
export interface PreparedSpaces {
  /**
   * Returns the space of some images. The first call for them starts its preparation.
   * @param images distinct SHA-256s
   * @throws what the preparation threw, once; the next call starts it again. After `close`, the signal's reason
   */
  find(images: readonly string[], store: ObjectStore): SpaceState;
  /** Returns the map of some images; the first call with their space starts it. @throws as `find` */
  findMap(images: readonly string[], store: ObjectStore): MapState;
  /** Aborted by `close`. */
  readonly signal: AbortSignal;
  /** Ends all preparations. Finished shards of features stay in the store. */
  close(): Promise<void>;
}

/** @param now milliseconds of a clock that is never set back */
export function openPreparedSpaces(
  log: Log,
  prepare: PrepareSpace = prepareStages,
  now: () => number = () => performance.now(),
): PreparedSpaces {
  const openings = new Map<string, Opening>();
  /** In the order of their first calls. */
  const waiting = new Set<Opening>();
  let running: Opening | undefined;
  /** Also of openings that were dropped. */
  const works = new Set<Promise<void>>();
  const closing = new AbortController();

  function track(work: Promise<void>): void {
    const tracked = work.finally(() => works.delete(tracked));
    works.add(tracked);
  }

  function start(key: string, images: readonly string[], store: ObjectStore): Opening {
    const drop = new AbortController();
    const opening: Opening = {
      key,
      images,
      store,
      askedAt: now(),
      progress: { done: 0, total: images.length },
      unanswered: new Set(['space']),
      drop,
      signal: AbortSignal.any([closing.signal, drop.signal]),
    };
    waiting.add(opening);
    return opening;
  }

  function prepareNext(): void {
    for (const opening of [...waiting].filter(isAbandoned)) remove(opening);
    const [next] = waiting;
    if (running !== undefined || next === undefined || closing.signal.aborted) return;
    waiting.delete(next);
    running = next;
    const work = prepareOne(next).finally(() => {
      running = undefined;
      prepareNext();
    });
    track(work);
  }

  async function prepareOne(opening: Opening): Promise<void> {
    const { images, store, signal } = opening;
    const onProgress = (done: number, total: number): void => {
      opening.progress = { done, total };
    };
    try {
      const space = await prepare(images, { store, signal, onProgress });
      opening.ready = { space, rowOf: new Map(images.map((image, row) => [image, row])) };
      log('labelling.prepared', { images: images.length });
    } catch (error) {
      opening.error = error;
    }
  }

  function opening(images: readonly string[], store: ObjectStore): Opening {
    closing.signal.throwIfAborted();
    const key = createHash('sha256').update(images.join()).digest('hex');
    const found = openings.get(key) ?? start(key, images, store);
    // The last one used is the last to go.
    openings.delete(key);
    if (found.error !== undefined) throw found.error;
    found.askedAt = now();
    openings.set(key, found);
    dropAbandoned();
    prepareNext();
    const answered = [...openings.values()].filter(({ unanswered }) => unanswered.size === 0);
    for (const oldest of answered.slice(0, -MOST_OPEN)) openings.delete(oldest.key);
    return found;
  }

  function isAbandoned({ unanswered, askedAt }: Opening): boolean {
    return unanswered.size > 0 && now() - askedAt > ABANDONED_MS;
  }

  function dropAbandoned(): void {
    for (const opening of [...openings.values()].filter(isAbandoned)) {
      if (opening !== running) remove(opening);
    }
    // Nobody is delayed by one that runs alone, and a call may come back for it.
    if (running !== undefined && isAbandoned(running) && waiting.size > 0) remove(running);
  }

  /** Finished shards of its features stay in the store. */
  function remove(opening: Opening): void {
    if (openings.get(opening.key) === opening) openings.delete(opening.key);
    waiting.delete(opening);
    opening.drop.abort();
  }

  function startMap(opened: Opening, { space }: OpenSpace): void {
    const { signal } = opened;
    const started: NonNullable<Opening['map']> = { share: 0 };
    opened.map = started;
    opened.unanswered.add('map');
    const work = mapSpace(space, {
      signal,
      onProgress: (share) => {
        started.share = share;
      },
      yieldToEventLoop: () => yieldTo(signal),
    }).then(
      (ready) => void Object.assign(started, { ready }),
      (error) => void Object.assign(started, { error }),
    );
    track(work);
  }

  return {
    find(images, store) {
      const { ready, progress, unanswered } = opening(images, store);
      if (ready === undefined) return { progress };
      unanswered.delete('space');
      return ready;
    },
    findMap(images, store) {
      const opened = opening(images, store);
      const { ready, unanswered } = opened;
      if (ready === undefined) return { progress: opened.progress };
      unanswered.delete('space');
      if (opened.map === undefined) startMap(opened, ready);
      const { map } = opened;
      if (map?.ready !== undefined) {
        unanswered.delete('map');
        return { ...ready, map: map.ready };
      }
      if (map?.error !== undefined) {
        unanswered.delete('map');
        delete opened.map;
        throw map.error;
      }
      return { progress: { done: Math.round((map?.share ?? 0) * 100), total: 100 } };
    },
    signal: closing.signal,
    async close() {
      closing.abort();
      await Promise.all(works);
    },
  };
}

/** Computes the features of all stages of the default backbone: those that a training with default settings uses. */
const prepareStages: PrepareSpace = async (images, { store, signal, onProgress }) => {
  await startTensors();
  const { backbone } = await resolveBackbone(JobSpec.parse({ name: 'labelling', dataset: 'labelling' }), store);
  const { trunk, inputs } = await readStageFeatures(backbone, images, { store, signal, onProgress });
  return openFeatureSpace(inputs, images.length, {
    blocks: blocksOf(trunk.blocks ?? [{ name: 'top', size: inputs.length / images.length }]),
    yieldToEventLoop: () => yieldTo(signal),
  });
};

async function yieldTo(signal: AbortSignal): Promise<void> {
  await nextTurn();
  signal.throwIfAborted();
}
