import type { SuggestionQuery, Suggestions } from '../contracts/suggestions.ts';
import { countClasses, countUnlabelled } from '../datasets/checks/summarize-rows.ts';
import { describeLabelling } from './describe-labelling.ts';
import type { PreparedSpaces } from './prepared-spaces.ts';
import { requireFewLabels, type VersionView } from './version-view.ts';

/**
 * Suggests labels for the images of a version that have none, and the next images to ask a person about. While the
 * features of its images are computed, the result says how far that is.
 * @throws ConflictError SUGGESTIONS_UNSUPPORTED; and as `PreparedSpaces.find`
 */
export async function suggestLabels(view: VersionView, query: SuggestionQuery, spaces: PreparedSpaces): Promise<Suggestions> {
  const { dataset, digest, rows, images, store, expiresAt, describe } = view;
  const unlabelled = countUnlabelled(rows);
  const classes = countClasses(rows);
  requireFewLabels(view, classes.length);
  const common = {
    dataset,
    digest,
    labelled: rows.length - unlabelled,
    unlabelled,
    classes,
    expiresAt,
  };
  const found = spaces.find(images, store);
  if ('progress' in found) return { ...common, state: 'preparing', progress: found.progress, suggestions: [], next: [] };
  const { suggestions, next, ...described } = await describeLabelling({ rows, digest, ...found }, classes, query);
  return {
    ...common,
    state: 'ready',
    ...described,
    suggestions: await Promise.all(suggestions.map(({ row, ...rest }) => describe(row, rest))),
    next: await Promise.all(next.map(({ row, ...rest }) => describe(row, rest))),
  };
}
