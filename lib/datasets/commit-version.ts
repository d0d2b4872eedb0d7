import type { DatasetReport } from '../contracts/dataset.ts';
import { ConflictError } from '../errors.ts';
import type { World } from '../ports.ts';
import type { LocatedUpload } from './external/locate-objects.ts';
import { writeObjectLocations } from './external/object-locations.ts';
import { requireImages } from './require-images.ts';
import type { Rows } from './tables/rows.ts';
import { BACKGROUND_PATIENCE_MS, waitForMarks } from './uploads/removal-marks.ts';
import { readUpload } from './uploads/upload-record.ts';
import { announceImport, enterAnnounced, withdrawImports } from './versions/announced-imports.ts';
import { readVersions, recordDocument } from './versions/dataset-store.ts';
import { putManifest } from './versions/manifest.ts';
import { type StoredOrigin, writeOrigins, writeReport } from './versions/report-store.ts';

export interface NewVersion {
  /** By path. */
  readonly rows: Rows;
  /** The rows whose bytes must be in the store. */
  readonly stored: Rows;
  readonly report: DatasetReport;
  readonly located?: LocatedUpload | undefined;
  /** The version that must be the latest one still, with the digest undefined for none; without it, any may be. */
  readonly latest?: { readonly digest: string | undefined } | undefined;
  /** Whether it has the images of `latest`, and so the object locations that this has when the version is added. */
  readonly hasImagesOfLatest?: boolean;
  /** Who set which label after the import, by path. Default: nobody set any. */
  readonly origins?: ReadonlyMap<string, StoredOrigin> | undefined;
}

export interface CommitOptions {
  /** How long it waits for removals in progress. Default: long enough for an abandoned mark to become void. */
  readonly patienceMs?: number;
  /** Whether a version that the data set already has keeps its report. */
  readonly keepsReport?: boolean;
}

/**
 * Adds a version to a data set, as the only visible step, after everything that it refers to is in the store. From the
 * announcement on, none of it can be removed. Adds nothing for an upload that has ended.
 * @throws ConflictError UPLOAD_ENDED, DATASET_VERSION_CHANGED; DataError IMAGES_MISSING; CapacityError REMOVAL_IN_PROGRESS
 */
export async function commitVersion(
  upload: string,
  { rows, stored, report, located, latest, hasImagesOfLatest, origins = new Map() }: NewVersion,
  world: Pick<World, 'store' | 'clock'>,
  { patienceMs = BACKGROUND_PATIENCE_MS, keepsReport = false }: CommitOptions = {},
): Promise<void> {
  const { store, clock } = world;
  const { dataset: name, digest } = report;
  for (;;) {
    const token = await announceImport(name, { upload, digest }, store);
    // The report of a version that exists is in use, and so are the origins of the latest one; this request may yet lose.
    const versions = await readVersions(name, store);
    const isNew = versions.every((version) => version.digest !== digest);
    const isLatest = versions.at(-1)?.digest === digest;
    try {
      await requireImporting(upload, world);
      await waitForMarks(world, { reference: recordDocument.key(name), patienceMs });
      await requireImages(stored, store);
      await putManifest(digest, rows, store);
      if (located) await writeObjectLocations(located.upload, located.files(), store);
      if (isNew) await writeReport(report, store);
      // They tell what the last import named. Only those of the latest version are read for that, so a version with the
      // same content gets them before it is the latest one again: afterwards, a repeated request would find nothing to do.
      if (!isLatest) await writeOrigins({ name, digest }, origins, store);
    } catch (error) {
      await withdrawImports(name, (announced) => announced.token === token, store);
      throw error;
    }
    const version = { digest, createdAt: clock.now().toISOString(), images: rows.length, ...(located && locationsOf(located)) };
    const isEntered = await enterAnnounced(name, { upload, token }, version, store, { latest, hasImagesOfLatest });
    // Another attempt of the same import was faster, or the upload has ended: the next iteration finds out.
    if (!isEntered) continue;
    if (!isNew && !keepsReport) await writeReport(report, store);
    // Another request may have written its own meanwhile.
    if (!isNew) await writeOrigins({ name, digest }, origins, store);
    return;
  }
}

function locationsOf({ upload, address }: LocatedUpload) {
  return { inPlace: { places: upload, ...(address !== undefined && { source: address }) } };
}

async function requireImporting(upload: string, { store }: Pick<World, 'store'>): Promise<void> {
  const { state } = await readUpload(upload, store);
  if (state === 'IMPORTING') return;
  const fix = 'look at the upload: it has ended';
  throw new ConflictError('UPLOAD_ENDED', { at: upload, expected: 'IMPORTING', received: state, fix });
}
