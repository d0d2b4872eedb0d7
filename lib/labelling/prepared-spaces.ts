import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { JobSpec } from '../contracts/job-spec.ts';
import { resolveBackbone } from '../estimates/resolve-backbone.ts';
import { readStageFeatures } from '../features/stage-features.ts';
import { createSemaphore } from '../images/semaphore.ts';
import type { Log, ObjectStore } from '../ports.ts';
import { startTensors } from '../tensor/start-tensors.ts';
import { blocksOf } from '../training/closed-form/feature-block.ts';
import { type FeatureSpace, openFeatureSpace } from './feature-space.ts';
import { mapSpace, type SpaceMap } from './map-space.ts';

/** Answered spaces that stay in memory; one of 20,000 images takes 40 MB, half of it for its unit vectors. */
const MOST_OPEN = 4;

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
  progress: Progress['progress'];
  ready?: OpenSpace;
  error?: unknown;
  map?: { share: number; readonly ready?: SpaceMap; readonly error?: unknown };
  /** What no call has returned yet. Until then it is kept, or data sets that are asked for in turn would never be ready. */
  readonly unanswered: Set<'space' | 'map'>;
  work: Promise<void>;
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
 * time, since the features of 20,000 images take 1.4 GB; the others wait in the order of their first calls.
 */
export interface PreparedSpaces {
  /**
   * Returns the space of some images. The first call for them starts its preparation.
   * @param images distinct SHA-256s
   * @throws what the preparation threw, once; the next call starts it again
   */
  find(images: readonly string[], store: ObjectStore): SpaceState;
  /** Returns the map of some images; the first call with their space starts it. @throws as `find` */
  findMap(images: readonly string[], store: ObjectStore): MapState;
  /** Aborted by `close`. */
  readonly signal: AbortSignal;
  /** Ends all preparations. Finished shards of features stay in the store. */
  close(): Promise<void>;
}

export function openPreparedSpaces(log: Log, prepare: PrepareSpace = prepareStages): PreparedSpaces {
  const openings = new Map<string, Opening>();
  const closing = new AbortController();
  const { signal } = closing;
  const oneAtATime = createSemaphore(1);

  function start(images: readonly string[], store: ObjectStore): Opening {
    const opening: Opening = {
      progress: { done: 0, total: images.length },
      unanswered: new Set(['space']),
      work: Promise.resolve(),
    };
    const onProgress = (done: number, total: number): void => {
      opening.progress = { done, total };
    };
    const prepared = oneAtATime.run(1, async () => {
      signal.throwIfAborted();
      return prepare(images, { store, signal, onProgress });
    });
    const work = prepared.then(
      (space) => {
        opening.ready = { space, rowOf: new Map(images.map((image, row) => [image, row])) };
        log('labelling.prepared', { images: images.length });
      },
      (error) => {
        opening.error = error;
      },
    );
    return Object.assign(opening, { work });
  }

  function opening(images: readonly string[], store: ObjectStore): Opening {
    const key = createHash('sha256').update(images.join()).digest('hex');
    const found = openings.get(key) ?? start(images, store);
    // The last one used is the last to go.
    openings.delete(key);
    if (found.error !== undefined) throw found.error;
    openings.set(key, found);
    const answered = [...openings].filter(([, { unanswered }]) => unanswered.size === 0);
    for (const [oldest] of answered.slice(0, -MOST_OPEN)) openings.delete(oldest);
    return found;
  }

  function startMap(opened: Opening, { space }: OpenSpace): void {
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
      (ready) => Object.assign(started, { ready }),
      (error) => Object.assign(started, { error }),
    );
    opened.work = Promise.all([opened.work, work]).then(() => {});
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
    signal,
    async close() {
      closing.abort();
      // Only answered spaces are dropped, so this is all the work.
      await Promise.all([...openings.values()].map(({ work }) => work));
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
