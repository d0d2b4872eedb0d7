import { pruneChecks } from '../datasets/checks/prune-checks.ts';
import { sha256OfBlob } from '../datasets/files/blob-key.ts';
import { versionOfParts } from '../datasets/splits/stored-parts.ts';
import { uploadOfPart } from '../datasets/uploads/upload-parts.ts';
import { findUpload, uploadOfRecord } from '../datasets/uploads/upload-record.ts';
import { digestOfManifest } from '../datasets/versions/manifest.ts';
import type { ObjectHead, World } from '../ports.ts';
import { storeKeys } from '../store/store-keys.ts';
import { unusedShards, unusedTrunks } from './collect-features.ts';
import { expiredPredictions } from './collect-kept.ts';
import type { CollectionStep } from './collection-state.ts';
import type { References } from './references.ts';

/** The objects that a step checks, and the rule for which are garbage. */
export interface Sweep {
  readonly prefix: string;
  /** Younger objects are kept. */
  readonly hours: number;
  readonly isGarbage: (object: ObjectHead) => boolean | Promise<boolean>;
  /**
   * Tells whether an object is needed after all, by references that are read again once the objects are marked. Sweeps
   * with this rule remove garbage under a mark, as removeUnreferenced().
   */
  readonly isNeeded?: (key: string) => boolean;
  /**
   * Removes garbage of a sweep without `isNeeded`: an object, or entries of it. Default: deletes the object.
   * @returns the number of removed objects or entries
   */
  readonly remove?: (key: string) => Promise<number>;
  /** Returns the unreadable records that prevent a decision. Each reading of references may add one. */
  readonly blockedBy?: () => readonly string[];
}

/** Returns the sweep of a step. Unreadable records block the steps that depend on them. */
export function sweepOf(step: CollectionStep, references: References, world: Pick<World, 'store' | 'clock' | 'log'>): Sweep {
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
    case 'uploads':
      return {
        prefix: storeKeys.uploads.prefix,
        // No record that was written later is forgotten, so those need not be read.
        hours: UPLOAD_DAYS * 24,
        isGarbage: ({ key }) =>
          isOf(uploadOfRecord(key), async (id) => (await references.isEnded(id)) && (await isForgotten(id, world))),
      };
    case 'places': {
      const isNeeded = (key: string) => unless(uploadOfLocations(key), references.needsLocations);
      // An ended upload adds its object locations to no further version. The records must be read after that check.
      const isGarbage = async ({ key }: ObjectHead) => !isNeeded(key) && (await isOf(uploadOfLocations(key), references.isEnded));
      return { prefix: storeKeys.objectLocations.prefix, hours: 1, blockedBy: records, isNeeded, isGarbage };
    }
    case 'checks':
      return { prefix: storeKeys.checks.prefix, hours: 0, isGarbage: () => true, remove: (key) => pruneChecks(key, store) };
    case 'features':
      return { prefix: storeKeys.features.prefix, hours: 24, blockedBy: unreadable, isGarbage: unusedShards(references, store) };
    case 'trunks':
      return { prefix: storeKeys.trunks.prefix, hours: 30 * 24, isGarbage: unusedTrunks(store) };
    case 'splits':
      return {
        prefix: storeKeys.splits.prefix,
        hours: 24,
        blockedBy: records,
        isGarbage: ({ key }) => !unless(versionOfParts(key), references.needsManifest),
      };
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

/** Days for which a client may ask how its upload ended. */
const UPLOAD_DAYS = 30;

async function isForgotten(upload: string, { store, clock }: Pick<World, 'store' | 'clock'>): Promise<boolean> {
  const record = await findUpload(upload, store);
  return record !== undefined && Date.parse(record.updatedAt) <= clock.now().getTime() - UPLOAD_DAYS * 86_400_000;
}

const REPORT = new RegExp(`^${storeKeys.reports.prefix}([^/]+)/(sha256-[0-9a-f]{64})\\.`);
const LOCATIONS = new RegExp(`^${storeKeys.objectLocations.prefix}(upload-[0-9a-z]{9}-[0-9a-z]{10})/`);

function versionOfReport(key: string): { name: string; digest: string } | undefined {
  const [, name, digest] = REPORT.exec(key) ?? [];
  return name === undefined || digest === undefined ? undefined : { name, digest };
}

function uploadOfLocations(key: string): string | undefined {
  return LOCATIONS.exec(key)?.[1];
}
