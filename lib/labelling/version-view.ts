import type { ManifestRow } from '../contracts/dataset.ts';
import type { DatasetImage } from '../contracts/dataset-http.ts';
import { taskOfRows } from '../datasets/checks/summarize-rows.ts';
import type { ImageSigner } from '../datasets/files/sign-images.ts';
import type { Rows } from '../datasets/tables/rows.ts';
import { ConflictError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';

/** The features of all images are in memory while they are reduced: 70 KB each, of which 30 KB are a copy without quarters. */
const MOST_IMAGES = 20_000;
/** Each image has a probability for each label, in float32: 80 MB. */
const MOST_PROBABILITIES = MOST_IMAGES * 1000;

/** A version of a data set, as suggestions and searches by features need it. */
export interface VersionView {
  readonly dataset: string;
  readonly digest: string;
  readonly rows: Rows;
  /** Distinct SHA-256s, in an order that does not depend on paths, so that versions of the same images share a space. */
  readonly images: readonly string[];
  /** Reads images, also external ones, and keeps their features. */
  readonly store: ObjectStore;
  readonly expiresAt: string;
  /** The row as an image with a signed request, and with further members. */
  describe<Further extends object>(row: ManifestRow, further: Further): Promise<DatasetImage & Further>;
}

/** Opens the version of a reference. */
export type OpenVersionView = (ref: string) => Promise<VersionView>;

/** @param source reads the images, and signs requests for them @throws ConflictError SUGGESTIONS_UNSUPPORTED */
export function versionView(
  { dataset, digest, rows }: Pick<VersionView, 'dataset' | 'digest' | 'rows'>,
  source: { readonly store: ObjectStore; readonly signer: ImageSigner },
): VersionView {
  if (taskOfRows(rows) === 'multi-label') throw suggestionsUnsupported(dataset, 'images with several labels, or with none');
  const { store, signer } = source;
  return {
    dataset,
    digest,
    rows,
    images: contentsOf(rows),
    store,
    expiresAt: signer.expiresAt,
    describe: (row, further) => signer.sign({ ...imageOf(row), ...further }),
  };
}

const contents = new WeakMap<Rows, readonly string[]>();

/** The images of a view, which is opened again and again for the same rows. */
export function contentsOf(rows: Rows): readonly string[] {
  const found = contents.get(rows) ?? [...new Set(rows.map(({ sha256 }) => sha256))].sort();
  contents.set(rows, found);
  return found;
}

/** Checks the number of a version's images, before its manifest is read. @throws ConflictError SUGGESTIONS_UNSUPPORTED */
export function requireFewImages(dataset: string, images: number): void {
  if (images > MOST_IMAGES) throw suggestionsUnsupported(dataset, `${images} images`);
}

/** Checks the number of a version's labels. @throws ConflictError SUGGESTIONS_UNSUPPORTED */
export function requireFewLabels({ dataset, images }: Pick<VersionView, 'dataset' | 'images'>, labels: number): void {
  if (images.length * labels > MOST_PROBABILITIES)
    throw suggestionsUnsupported(dataset, `${images.length} images and ${labels} labels`);
}

export function suggestionsUnsupported(dataset: string, received: string): ConflictError {
  return new ConflictError('SUGGESTIONS_UNSUPPORTED', {
    at: dataset,
    expected: `a data set with one label for each image, at most ${MOST_IMAGES} images, and images times labels at most ${MOST_PROBABILITIES}`,
    received,
    fix: 'label images with POST /v1/datasets/NAME/labels, without suggestions',
  });
}

function imageOf({ path, labels, unlabelled, confirmed, split, sha256, width, height }: ManifestRow): DatasetImage {
  return { path, labels, unlabelled, confirmed, split, sha256, width, height };
}
