import { parseS3Address } from '../../contracts/object-address.ts';
import type { SourceBuckets } from '../../ports.ts';
import { readExport } from '../exports/read-export.ts';
import { manifestColumns, readEntries } from '../labels/manifest-entries.ts';
import { manifestKind, openManifestFile } from '../labels/manifest-file.ts';
import { pathOfObject, type S3Source } from '../uploads/s3-source.ts';
import type { Candidate } from './check-object.ts';
import type { Cursor } from './located-parts.ts';

/** Objects that are processed together: a page of a listing, or rows of a manifest. */
export interface CandidateBatch {
  readonly candidates: readonly { readonly candidate: Candidate; readonly next: Cursor }[];
  /** Where to continue after these objects. */
  readonly next: Cursor;
}

const BATCH = 1000;

/**
 * The objects below a prefix, a page at a time, or the manifest that names them. Skips the marker object of a folder.
 */
export async function* listedBatches(source: S3Source, from: string, buckets: SourceBuckets): AsyncGenerator<CandidateBatch> {
  const { bucket, prefix, manifest } = source;
  if (manifest !== undefined) {
    const path = `manifest.${manifestKind(manifest)}`;
    return yield batchOf([{ candidate: { path, bucket, key: manifest }, next: firstRow }], firstRow);
  }
  for (let after = from, more = true; more; ) {
    const page = await buckets.list(bucket, prefix, { limit: BATCH, ...(after !== '' && { after }) });
    after = page.objects.at(-1)?.key ?? after;
    more = page.more;
    const files = page.objects.filter(({ key, size }) => !(key.endsWith('/') && size === 0));
    const candidates = files.map(({ key, size, etag }) => ({
      candidate: { path: pathOfObject({ bucket, key }, source), bucket, key, size, etag },
      next: { stage: 'listing', after: key } as const,
    }));
    yield batchOf(candidates, more ? { stage: 'listing', after } : firstRow);
  }
}

/**
 * The objects that a manifest names by their addresses, and beside a manifest in S3 also by their paths, except those
 * that were listed. The export of a labelling tool under a manifest's name names files of the upload, and no objects.
 */
export async function* namedBatches(
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
  source: S3Source | undefined,
  from: number,
): AsyncGenerator<CandidateBatch> {
  let done = 0;
  let candidates: CandidateBatch['candidates'][number][] = [];
  for await (const candidate of namedObjects(name, bytes, source)) {
    done++;
    if (done > from) candidates.push({ candidate, next: { stage: 'rows', done } });
    if (candidates.length < BATCH) continue;
    yield batchOf(candidates, { stage: 'rows', done });
    candidates = [];
  }
  yield batchOf(candidates, end);
}

async function* namedObjects(name: string, bytes: Uint8Array, source: S3Source | undefined): AsyncGenerator<Candidate> {
  if (source?.manifest === undefined && (await readExport(name, bytes)) !== undefined) return;
  const file = await openManifestFile(name, bytes);
  for await (const entry of readEntries(name, file, manifestColumns(name, file), (address) => pathAt(address, source))) {
    if ('code' in entry) continue;
    const { path, address, decomposed } = entry;
    const location = address === undefined ? undefined : parseS3Address(address);
    const wasListed = location?.bucket === source?.bucket && location?.key.startsWith(source?.prefix ?? '') === true;
    if (location !== undefined && !(wasListed && source?.manifest === undefined)) yield { path, ...location };
    else if (location === undefined && source?.manifest !== undefined) {
      const [key = '', ...otherKeys] = spellings(path, decomposed).map((spelling) => `${source.prefix}${spelling}`);
      yield { path, bucket: source.bucket, key, ...(otherKeys.length > 0 && { otherKeys }) };
    }
  }
}

/** How the key of a path may be spelled, because keys keep the Unicode that they were written in; the likeliest first. */
function spellings(path: string, written = path): string[] {
  return [...new Set([written, path, path.normalize('NFD')])];
}

/** The path in the data set of an address in a manifest; undefined if it is not an S3 address. */
export function pathAt(address: string, source: S3Source | undefined): string | undefined {
  const location = parseS3Address(address);
  return location && pathOfObject(location, source);
}

const firstRow = { stage: 'rows', done: 0 } as const;
const end = { stage: 'end' } as const;

function batchOf(candidates: CandidateBatch['candidates'], next: Cursor): CandidateBatch {
  return { candidates, next };
}
