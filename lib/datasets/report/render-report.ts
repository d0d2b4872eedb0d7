import { mapInOrder } from '../../concurrency.ts';
import type { DatasetReport, ManifestRow } from '../../contracts/dataset.ts';
import { thumbnail } from '../../images/open-image.ts';
import type { ObjectStore } from '../../ports.ts';
import { blobKey } from '../files/blob-key.ts';
import { streamManifest } from '../versions/manifest.ts';
import { readReport } from '../versions/report-store.ts';
import { datasetReportPage, MAX_FINDINGS } from './dataset-report-page.ts';

const SAMPLES = 8;
/** Pixels; shown at half of that, for dense screens. */
const SIDE = 176;
/** Images of a finding that are shown. */
const SHOWN = 12;

/** A version whose report is rendered. */
export interface ReportedVersion {
  readonly report: DatasetReport;
  /** By path. */
  readonly rows: AsyncIterable<ManifestRow> | Iterable<ManifestRow>;
  /**
   * Prepares to read images.
   * @param images their SHA-256s
   * @returns reads the bytes of one; undefined if they are gone
   */
  readonly openImages: (images: readonly string[]) => Promise<(sha256: string) => Promise<Uint8Array | undefined>>;
}

/** Renders the report of a version as a self-contained HTML page with thumbnails. @throws as `openDataset` */
export async function renderReport(ref: string, store: ObjectStore): Promise<string> {
  const report = await readReport(ref, store);
  const read = async (sha256: string) => (await store.get(blobKey(sha256)))?.body;
  return renderVersion({ report, rows: streamManifest(report.digest, store), openImages: async () => read });
}

/** As `renderReport`, of a version that the caller reads. @throws as its rows and images */
export async function renderVersion({ report, rows, openImages }: ReportedVersion): Promise<string> {
  const duplicates = report.duplicates.slice(0, MAX_FINDINGS).flatMap(({ paths }) => paths.slice(0, SHOWN));
  const suspects = (report.suspects?.suspects ?? []).slice(0, MAX_FINDINGS);
  const named = new Set([
    ...duplicates,
    ...suspects.flatMap(({ path, neighbours }) => [path, ...neighbours.map((one) => one.path)]),
  ]);
  const again = new Set(report.duplicates.flatMap(({ paths }) => paths.slice(1)));
  const samples = new Map<string, string[]>();
  const wanted = new Map<string, string>();
  for await (const row of rows) {
    const isSample = !again.has(row.path) && takeSample(row, report, samples);
    if (isSample || named.has(row.path)) wanted.set(row.path, row.sha256);
  }
  const pictures = new Map<string, string>();
  const read = await openImages([...new Set(wanted.values())]);
  for await (const [path, picture] of mapInOrder(wanted, 4, ([path, sha256]) => pictureOf(path, () => read(sha256)))) {
    if (picture !== undefined) pictures.set(path, picture);
  }
  return datasetReportPage(report, samples, pictures);
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
async function pictureOf(path: string, read: () => Promise<Uint8Array | undefined>): Promise<[string, string | undefined]> {
  const image = await read();
  if (image === undefined) return [path, undefined];
  const small = await thumbnail(image, SIDE).catch(() => undefined);
  if (small === undefined) return [path, undefined];
  return [path, `data:image/jpeg;base64,${Buffer.from(small).toString('base64')}`];
}
