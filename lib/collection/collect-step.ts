import { forEachConcurrently, mapInOrder } from '../concurrency.ts';
import { pruneChecks } from '../datasets/checks/prune-checks.ts';
import { sha256OfBlob } from '../datasets/files/blob-key.ts';
import { uploadOfPart } from '../datasets/uploads/upload-parts.ts';
import { digestOfManifest } from '../datasets/versions/manifest.ts';
import { asGraftError, errorJson } from '../errors.ts';
import type { ObjectHead, World } from '../ports.ts';
import { listKeys } from '../store/list-keys.ts';
import { storeKeys } from '../store/store-keys.ts';
import { unusedShards, unusedTrunks } from './collect-features.ts';
import { expiredPredictions } from './collect-kept.ts';
import type { CollectionRun, Step } from './collection-state.ts';
import { CollectionStopped } from './collection-stopped.ts';
import type { References } from './references.ts';
import { BATCH, type Removal, removeUnreferenced } from './remove-unreferenced.ts';

export interface CollectStepOptions {
  readonly world: Pick<World, 'store' | 'clock' | 'log'>;
  readonly references: References;
  readonly keepAlive: () => Promise<void>;
  /** Called after each batch with the progress so far; may throw to end the collection. */
  readonly onBatch: (run: CollectionRun) => Promise<void>;
}

const HOUR_MS = 3_600_000;
/** Number of objects to check at once. */
const AT_ONCE = 16;
/** Number of objects to check before the collector saves its position. */
const SEEN = 5000;

/** The objects that a step checks, and the rule for which are garbage. */
interface Sweep {
  readonly prefix: string;
  /** Younger objects are kept. */
  readonly hours: number;
  readonly isGarbage: (object: ObjectHead) => boolean | Promise<boolean>;
  /**
   * Removes a batch of garbage. By default it removes each object, under a mark if `isNeeded` is given, which tells
   * whether an object is needed after all.
   */
  readonly isNeeded?: (key: string) => boolean;
  readonly remove?: (key: string) => Promise<number>;
  /** Returns the unreadable records that prevent a decision. Each reading of references may add one. */
  readonly blockedBy?: () => readonly string[];
}

/** Runs one step of a collection, from the saved position. */
export async function collectStep(
  start: CollectionRun,
  { world, references, keepAlive, onBatch }: CollectStepOptions,
): Promise<void> {
  const { store, log } = world;
  const { step } = start;
  const sweep = sweepOf(step, references, world);
  function isBlocked(): boolean {
    const unreadable = sweep.blockedBy?.() ?? [];
    if (unreadable.length > 0) log('collection.blocked', { step, unreadable: unreadable.slice(0, 100) });
    return unreadable.length > 0;
  }
  if (isBlocked()) return;
  const youngest = world.clock.now().getTime() - sweep.hours * HOUR_MS;
  let run = start;
  let batch: string[] = [];
  /** Removes the batch. @returns whether the step goes on */
  async function settle(after: string): Promise<boolean> {
    const { removed, stuck } = batch.length === 0 ? { removed: 0, stuck: 0 } : await remove(batch, sweep, references, world);
    const total = (run.removed[step] ?? 0) + removed;
    run = { ...run, after, removed: { ...run.removed, [step]: total }, stuck: run.stuck + stuck };
    batch = [];
    await onBatch(run);
    return !isBlocked();
  }
  let [last, seen] = [start.after, 0];
  const decided = mapInOrder(listKeys(store, sweep.prefix, start.after), AT_ONCE, async (object) => ({
    key: object.key,
    isGarbage: object.modifiedAt.getTime() <= youngest && (await isGarbage(object, sweep, world)),
  }));
  for await (const { key, isGarbage: goes } of decided) {
    await keepAlive();
    last = key;
    if (goes) batch.push(key);
    if ((batch.length === BATCH || ++seen % SEEN === 0) && !(await settle(last))) return;
  }
  if (batch.length > 0) await settle(last);
}

/** Tells whether an object is garbage. Keeps an object that cannot be read, and logs its name. */
async function isGarbage(object: ObjectHead, sweep: Sweep, { log }: Pick<World, 'log'>): Promise<boolean> {
  try {
    return await sweep.isGarbage(object);
  } catch (error) {
    if (error instanceof CollectionStopped || asGraftError(error).retryable) throw error;
    log('collection.unreadable', { key: object.key, error: errorJson(error) });
    return false;
  }
}

async function remove(
  keys: readonly string[],
  { isNeeded, remove: removeOne, blockedBy = () => [] }: Sweep,
  references: References,
  world: CollectStepOptions['world'],
): Promise<Removal> {
  if (isNeeded !== undefined)
    return removeUnreferenced(keys, { isNeeded, isBlocked: () => blockedBy().length > 0, references }, world);
  let [removed, stuck] = [0, 0];
  await forEachConcurrently(keys, AT_ONCE, async (key) => {
    try {
      const count = await (removeOne === undefined ? world.store.delete(key).then(() => 1) : removeOne(key));
      removed += count;
    } catch (error) {
      stuck++;
      world.log('collection.stuck', { key, error: errorJson(error) });
    }
  });
  return { removed, stuck };
}

/** Returns the sweep of a step. Unreadable records block the steps that depend on them. */
function sweepOf(step: Step, references: References, world: CollectStepOptions['world']): Sweep {
  const { store } = world;
  const unreadable = () => [...references.unreadable];
  const records = () => unreadable().filter((key) => key.startsWith(storeKeys.datasets.prefix));
  const isUnneeded = (isNeeded: (key: string) => boolean) => ({
    isNeeded,
    isGarbage: ({ key }: ObjectHead) => !isNeeded(key),
  });
  const unless = <Found>(found: Found | undefined, is: (found: Found) => boolean) => found === undefined || is(found);
  switch (step) {
    case 'blobs':
      return {
        prefix: storeKeys.blobs.prefix,
        hours: 1,
        blockedBy: unreadable,
        ...isUnneeded((key) => unless(sha256OfBlob(key), references.needsImage)),
      };
    case 'manifests':
      return {
        prefix: storeKeys.manifests.prefix,
        hours: 1,
        blockedBy: records,
        ...isUnneeded((key) => unless(digestOfManifest(key), references.needsManifest)),
      };
    case 'reports':
      return {
        prefix: storeKeys.reports.prefix,
        hours: 1,
        blockedBy: records,
        ...isUnneeded((key) => unless(versionOfReport(key), ({ name, digest }) => references.hasVersion(name, digest))),
      };
    case 'parts':
      return {
        prefix: storeKeys.uploadParts.prefix,
        hours: 0,
        isGarbage: ({ key }) => isOf(uploadOfPart(key), references.isEnded),
      };
    case 'places': {
      const isNeeded = (key: string) => unless(uploadOfPlaces(key), references.needsPlaces);
      // An ended upload adds its object locations to no further version. The records must be read after that check.
      const isGarbage = async ({ key }: ObjectHead) => !isNeeded(key) && (await isOf(uploadOfPlaces(key), references.isEnded));
      return { prefix: storeKeys.places.prefix, hours: 1, blockedBy: records, isNeeded, isGarbage };
    }
    case 'checks':
      return { prefix: storeKeys.checks.prefix, hours: 0, isGarbage: () => true, remove: (key) => pruneChecks(key, store) };
    case 'features':
      return { prefix: storeKeys.features.prefix, hours: 24, blockedBy: unreadable, isGarbage: unusedShards(references, store) };
    case 'trunks':
      return { prefix: storeKeys.trunks.prefix, hours: 30 * 24, isGarbage: unusedTrunks(store) };
    case 'deletions':
      // Left by versions that deleted data sets one at a time.
      return { prefix: storeKeys.deletions.prefix, hours: 0, isGarbage: () => true };
    case 'keptPredictions':
    case 'keptImages':
      return { prefix: storeKeys[step].prefix, hours: 0, isGarbage: expiredPredictions(world) };
  }
}

async function isOf(upload: string | undefined, is: (upload: string) => Promise<boolean>): Promise<boolean> {
  return upload !== undefined && (await is(upload));
}

const REPORT = new RegExp(`^${storeKeys.reports.prefix}([^/]+)/(sha256-[0-9a-f]{64})\\.`);
const PLACES = new RegExp(`^${storeKeys.places.prefix}(upload-[0-9a-z]{9}-[0-9a-z]{10})/`);

function versionOfReport(key: string): { name: string; digest: string } | undefined {
  const [, name, digest] = REPORT.exec(key) ?? [];
  return name === undefined || digest === undefined ? undefined : { name, digest };
}

function uploadOfPlaces(key: string): string | undefined {
  return PLACES.exec(key)?.[1];
}
