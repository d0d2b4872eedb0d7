import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { JobSpec } from '../contracts/job-spec.ts';
import { resolveBackbone } from '../estimates/resolve-backbone.ts';
import type { Log, ObjectStore } from '../ports.ts';
import { startTensorFlow } from '../tensor/start-tensorflow.ts';
import { blocksOf } from '../training/closed-form/feature-block.ts';
import { type FeatureSpace, openFeatureSpace } from '../training/labelling/feature-space.ts';
import { readStageFeatures } from './stage-features.ts';

/** Spaces that stay in memory; one of 20,000 images takes 20 MB. */
const MOST_OPEN = 4;

/** The space of some images, or how far its preparation is. */
export type SpaceState =
  | { readonly space: FeatureSpace; readonly rowOf: ReadonlyMap<string, number> }
  | { readonly progress: { readonly done: number; readonly total: number } };

interface Opening {
  progress: { done: number; total: number };
  ready?: { readonly space: FeatureSpace; readonly rowOf: ReadonlyMap<string, number> };
  error?: unknown;
  readonly stop: AbortController;
  readonly work: Promise<void>;
}

/** Opens spaces in the background, by the images that they hold, and keeps the last ones in memory. */
export interface FeatureSpaces {
  /**
   * Returns the space of some images. The first call for them starts its preparation.
   * @param images distinct SHA-256s
   * @throws what the preparation threw, once; the next call starts it again
   */
  find(images: readonly string[], store: ObjectStore): SpaceState;
  /** Ends all preparations. Finished shards of features stay in the store. */
  close(): Promise<void>;
}

export function openFeatureSpaces(log: Log): FeatureSpaces {
  const openings = new Map<string, Opening>();

  function start(images: readonly string[], store: ObjectStore): Opening {
    const stop = new AbortController();
    const opening: Opening = { progress: { done: 0, total: images.length }, stop, work: Promise.resolve() };
    const work = prepare(images, store, stop.signal, (done, total) => {
      opening.progress = { done, total };
    }).then(
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

  return {
    find(images, store) {
      const key = createHash('sha256').update(images.join()).digest('hex');
      const opening = openings.get(key) ?? start(images, store);
      // The last one used is the last to go.
      openings.delete(key);
      if (opening.error !== undefined) throw opening.error;
      openings.set(key, opening);
      for (const [oldest, { stop }] of openings) {
        if (openings.size <= MOST_OPEN) break;
        stop.abort();
        openings.delete(oldest);
      }
      return opening.ready ?? { progress: opening.progress };
    },
    async close() {
      for (const { stop } of openings.values()) stop.abort();
      await Promise.all([...openings.values()].map(({ work }) => work));
    },
  };
}

/** Computes the features of all stages of the default backbone: those that a training with default settings uses. */
async function prepare(
  images: readonly string[],
  store: ObjectStore,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<FeatureSpace> {
  await startTensorFlow();
  const { backbone } = await resolveBackbone(JobSpec.parse({ name: 'labelling', dataset: 'labelling' }), store);
  const { trunk, inputs } = await readStageFeatures(backbone, images, { store, signal, onProgress });
  return openFeatureSpace(inputs, images.length, {
    blocks: blocksOf(trunk.blocks ?? [{ name: 'top', size: inputs.length / images.length }]),
    async yieldToEventLoop() {
      await nextTurn();
      signal.throwIfAborted();
    },
  });
}
