import type { DatasetReport, ManifestRow } from '../../contracts/dataset.ts';
import { mapInOrder } from '../../images/map-in-order.ts';
import { thumbnail } from '../../images/open-image.ts';
import type { ObjectStore } from '../../ports.ts';
import { blobKey } from '../files/blob-key.ts';
import { streamManifest } from '../versions/manifest.ts';
import { readReport } from '../versions/report-store.ts';
import { MAX_FINDINGS, reportPage } from './report-page.ts';

const SAMPLES = 8;
/** Pixels; shown at half of that, for dense screens. */
const SIDE = 176;
/** Images of a finding that are shown. */
const SHOWN = 12;

/** Renders the report of a version as a self-contained HTML page with thumbnails. @throws as `openDataset` */
export async function renderReport(ref: string, store: ObjectStore): Promise<string> {
  const report = await readReport(store, ref);
  const duplicates = report.duplicates.slice(0, MAX_FINDINGS).flatMap(({ paths }) => paths.slice(0, SHOWN));
  const suspects = (report.suspects?.suspects ?? []).slice(0, MAX_FINDINGS);
  const named = new Set([
    ...duplicates,
    ...suspects.flatMap(({ path, neighbours }) => [path, ...neighbours.map((one) => one.path)]),
  ]);
  const again = new Set(report.duplicates.flatMap(({ paths }) => paths.slice(1)));
  const samples = new Map<string, string[]>();
  const wanted = new Map<string, string>();
  for await (const row of streamManifest(report.digest, store)) {
    const isSample = !again.has(row.path) && takeSample(row, report, samples);
    if (isSample || named.has(row.path)) wanted.set(row.path, row.sha256);
  }
  const pictures = new Map<string, string>();
  for await (const [path, picture] of mapInOrder(wanted, 4, ([path, sha256]) => pictureOf(path, sha256, store))) {
    if (picture !== undefined) pictures.set(path, picture);
  }
  return reportPage(report, samples, pictures);
}

/** The first few images of each class, by path; of duplicates, one. */
function takeSample({ path, labels }: ManifestRow, { task }: DatasetReport, samples: Map<string, string[]>): boolean {
  let taken = false;
  for (const label of task === 'multi-label' && labels.length === 0 ? [''] : labels) {
    const known = samples.get(label) ?? [];
    if (known.length >= SAMPLES) continue;
    samples.set(label, [...known, path]);
    taken = true;
  }
  return taken;
}

/**
 * As the source of an `img`; undefined where the bytes are gone or cannot be drawn: the page has its other images all
 * the same.
 */
async function pictureOf(path: string, sha256: string, store: ObjectStore): Promise<[string, string | undefined]> {
  const blob = await store.get(blobKey(sha256));
  if (blob === undefined) return [path, undefined];
  const small = await thumbnail(blob.body, SIDE).catch(() => undefined);
  if (small === undefined) return [path, undefined];
  return [path, `data:image/jpeg;base64,${Buffer.from(small).toString('base64')}`];
}
