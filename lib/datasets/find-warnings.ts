import type { SplitPart, Warning } from '../contracts/dataset.ts';
import { inseparable } from './clusters.ts';
import type { ClassCounts } from './describe-rows.ts';
import type { Duplicates } from './find-duplicates.ts';
import type { Rows } from './rows.ts';

/** Below this many images a class may be missing from a tenth that is held out. */
const FEW = 10;
/** Pixels: the shorter side of an image in which little can be seen. */
const TINY = 16;
/** Findings of one kind that are named; the others are counted. */
const NAMED = 20;

/** What a person should look at before paying for a training; none of it stops an import. */
export function findWarnings(rows: Rows, classes: ClassCounts, duplicates: Duplicates): Warning[] {
  return [
    ...oneClass(classes),
    ...smallClasses(classes),
    ...labelsAlike(classes),
    ...conflictingLabels(duplicates),
    ...tinyImages(rows),
    ...givenSplit(rows),
  ];
}

function oneClass(classes: ClassCounts): Warning[] {
  if (classes.length > 1) return [];
  return [warning('ONE_CLASS_ONLY', `All images are ${quoted(classes)}: training needs at least two classes.`)];
}

function smallClasses(classes: ClassCounts): Warning[] {
  const single = classes.filter(({ images }) => images === 1);
  const few = classes.filter(({ images }) => images > 1 && images < FEW);
  return [
    ...single.map((one) => warning('CLASS_WITH_ONE_IMAGE', `Class ${quoted([one])} has one image: training needs at least two.`)),
    ...few.map((one) =>
      warning('CLASS_WITH_FEW_IMAGES', `Class ${quoted([one])} has ${one.images} images: ${FEW} or more are wanted.`),
    ),
  ];
}

function labelsAlike(classes: ClassCounts): Warning[] {
  const alike = Map.groupBy(classes, ({ label }) => label.normalize('NFKC').trim().toLowerCase());
  return [...alike.values()]
    .filter((labels) => labels.length > 1)
    .map((labels) => warning('LABELS_ALIKE', `Labels ${quoted(labels)} differ only by case or spaces: are they one class?`));
}

function conflictingLabels(duplicates: Duplicates): Warning[] {
  const conflicts = duplicates.filter(({ kind }) => kind === 'across-classes');
  const near = duplicates.filter(({ kind }) => kind === 'near-across-classes');
  return [
    ...conflicts.map(({ paths }) =>
      warning('LABELS_CONFLICT', `The same image has several labels: ${paths.join(', ')}. Keep it in one class.`),
    ),
    ...near
      .slice(0, NAMED)
      .map(({ paths }) =>
        warning('LABELS_DOUBTFUL', `Images that look the same have different labels: ${few(paths)}. Is one of them wrong?`),
      ),
  ];
}

function tinyImages(rows: Rows): Warning[] {
  let tiny = 0;
  let example = '';
  for (const { path, width, height } of rows) {
    if (Math.min(width, height) >= TINY) continue;
    if (tiny++ === 0) example = `such as ${path} of ${width} x ${height}`;
  }
  if (tiny === 0) return [];
  return [warning('IMAGES_TINY', `${tiny} of ${rows.length} images have a side below ${TINY} pixels, ${example}.`)];
}

/** What is wrong with a split that the manifest gives. */
function givenSplit(rows: Rows): Warning[] {
  const trained = new Set<string>();
  const judged = new Set<string>();
  let given = false;
  for (const { split, labels } of rows) {
    given ||= split !== undefined;
    for (const label of labels) (split === undefined || split === 'train' ? trained : judged).add(label);
  }
  if (!given) return [];
  const unknown = [...judged].filter((label) => !trained.has(label)).sort();
  return [
    ...unknown.map((label) =>
      warning('LABEL_NOT_IN_TRAIN', `Label ${JSON.stringify(label)} is in validation or test, but on no training image.`),
    ),
    ...leaks(rows),
  ];
}

/** Images that belong together, on different sides of a given split: what is learnt from one is then asked of the other. */
function leaks(rows: Rows): Warning[] {
  const torn = inseparable(rows)
    .several()
    .map((set) => set.flatMap((number) => rows.at(number) ?? []))
    .filter((set) => new Set(set.flatMap(({ split }): SplitPart[] => (split === undefined ? [] : [split]))).size > 1);
  return torn.slice(0, NAMED).map((set) => {
    const where = few(set.map(({ path, split }) => `${path} (${split ?? 'not given'})`));
    return warning(
      'SPLIT_LEAK',
      `The given split parts images that belong together: ${where}. ${torn.length} such cases in all.`,
    );
  });
}

function few(paths: readonly string[]): string {
  const more = paths.length - 5;
  return more > 0 ? `${paths.slice(0, 5).join(', ')} and ${more} more` : paths.join(', ');
}

function quoted(classes: ClassCounts): string {
  return classes.map(({ label }) => JSON.stringify(label)).join(' and ');
}

function warning(code: string, message: string): Warning {
  return { code, message };
}
