import type { ManifestRow } from '../contracts/dataset.ts';
import type { DatasetImage } from '../contracts/dataset-http.ts';
import type { SuggestionQuery, Suggestions } from '../contracts/suggestions.ts';
import { countClasses, countUnlabelled, taskOf } from '../datasets/checks/summarize-rows.ts';
import { withExternalImages } from '../datasets/external/external-store.ts';
import { openImageSigner } from '../datasets/files/sign-images.ts';
import { findVersion } from '../datasets/versions/dataset-store.ts';
import { readManifest } from '../datasets/versions/manifest.ts';
import { ConflictError } from '../errors.ts';
import type { World } from '../ports.ts';
import { describeLabelling, type LabellingView } from './describe-labelling.ts';
import type { FeatureSpaces } from './feature-spaces.ts';

/** The features of all images are in memory while they are reduced: 30 KB each. */
const MOST_IMAGES = 20_000;

/**
 * Suggests labels for the images of a version that have none, and the next images to ask a person about. While the
 * features of its images are computed, the result says how far that is.
 * @throws NotFoundError as `openDataset`; ConflictError SUGGESTIONS_UNSUPPORTED
 */
export async function suggestLabels(
  ref: string,
  query: SuggestionQuery,
  given: World,
  spaces: FeatureSpaces,
): Promise<Suggestions> {
  const { name: dataset, digest, inPlace, images: total } = await findVersion(ref, given.store);
  if (total > MOST_IMAGES) throw unsupported(dataset, `${total} images`);
  const rows = await readManifest(digest, given.store);
  if (taskOf(rows) === 'multi-label') throw unsupported(dataset, 'images with several labels, or with none');
  const { expiresAt, sign } = openImageSigner(given, inPlace !== undefined);
  const { store } = await withExternalImages(`${dataset}@${digest}`, given);
  const unlabelled = countUnlabelled(rows);
  const common = {
    dataset,
    digest,
    labelled: rows.length - unlabelled,
    unlabelled,
    classes: countClasses(rows),
    expiresAt,
  };
  // In an order that does not depend on paths, so that all versions of the same images share a space.
  const images = [...new Set(rows.map(({ sha256 }) => sha256))].sort();
  const found = spaces.find(images, store);
  if ('progress' in found) return { ...common, state: 'preparing', progress: found.progress, suggestions: [], next: [] };
  const view: LabellingView = { rows, space: found.space, rowOf: found.rowOf };
  const { suggestions, next, ...described } = describeLabelling(view, common.classes, query);

  return {
    ...common,
    state: 'ready',
    ...described,
    suggestions: await Promise.all(suggestions.map(({ row, ...rest }) => sign({ ...imageOf(row), ...rest }))),
    next: await Promise.all(next.map(({ row, ...rest }) => sign({ ...imageOf(row), ...rest }))),
  };
}

function imageOf({ path, labels, unlabelled, split, sha256, width, height }: ManifestRow): DatasetImage {
  return { path, labels, unlabelled, split, sha256, width, height };
}

function unsupported(dataset: string, received: string): ConflictError {
  return new ConflictError('SUGGESTIONS_UNSUPPORTED', {
    at: dataset,
    expected: `a data set with one label for each image, and at most ${MOST_IMAGES} images`,
    received,
    fix: 'label images with POST /v1/datasets/NAME/labels, without suggestions',
  });
}
