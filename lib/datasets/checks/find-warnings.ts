import type { DatasetReport, SplitPart, Warning } from '../../contracts/dataset.ts';
import { count, counted, few } from '../../format.ts';
import { groupRelated } from '../duplicates/clusters.ts';
import type { Duplicates } from '../duplicates/find-duplicates.ts';
import { labelledRows, type Rows } from '../tables/rows.ts';
import { isOneClass } from './check-trainable.ts';
import { type ClassCounts, countUnlabelled, taskOfRows } from './summarize-rows.ts';

/** With fewer images, a class may be missing from a tenth that is held out. */
const FEW = 10;
/** Pixels: the shorter side of an image in which little can be seen. */
const TINY = 16;
/** Findings of one kind that are listed; the others are counted. */
const NAMED = 20;

/** Finds problems that a user should look at before paying for a training. None of them stops an import. */
export function findWarnings(rows: Rows, classes: ClassCounts, duplicates: Duplicates): Warning[] {
  const unlabelled = countUnlabelled(rows);
  if (classes.length === 0 && unlabelled > 0) return [...withoutLabel(unlabelled, rows.length), ...tinyImages(rows)];
  return [
    ...withoutLabel(unlabelled, rows.length),
    ...oneClass(classes, rows, unlabelled),
    ...smallClasses(classes),
    ...similarLabels(classes),
    ...conflictingLabels(rows, duplicates),
    ...tinyImages(rows),
    ...givenSplit(rows),
  ];
}

function withoutLabel(unlabelled: number, images: number): Warning[] {
  if (unlabelled === 0) return [];
  return [
    warning(
      'IMAGES_UNLABELLED',
      `${count(unlabelled)} of ${counted(images, 'image')} have no label: a training leaves them out.`,
    ),
  ];
}

/** What a training makes of fewer than two classes, as checkTrainable decides it. */
function oneClass(classes: ClassCounts, rows: Rows, unlabelled: number): Warning[] {
  if (classes.length > 1) return [];
  return [warning('ONE_CLASS_ONLY', oneClassMessage(classes, taskOfRows(rows), unlabelled))];
}

function oneClassMessage(classes: ClassCounts, task: DatasetReport['task'], unlabelled: number): string {
  if (classes.length === 0) return 'No image has a label: training needs at least two classes.';
  if (!isOneClass({ classes, task }))
    return `The only label is ${quoted(classes)}, and some images do not have it: training needs a second label.`;
  if (unlabelled > 0)
    return `All labelled images are ${quoted(classes)}: training needs a second class, or this label for all images.`;
  return `All images are ${quoted(classes)}: a training makes a detector of other images, not a classifier.`;
}

function smallClasses(classes: ClassCounts): Warning[] {
  const single = classes.filter(({ images }) => images === 1);
  const few = classes.filter(({ images }) => images > 1 && images < FEW);
  return [
    ...each(single, 'CLASS_WITH_ONE_IMAGE', (one) => `Class ${quoted([one])} has one image: training needs at least two.`),
    ...each(few, 'CLASS_WITH_FEW_IMAGES', (one) => `Class ${quoted([one])} has ${one.images} images: ${FEW} or more are wanted.`),
  ];
}

function similarLabels(classes: ClassCounts): Warning[] {
  const byText = Map.groupBy(classes, ({ label }) => label.normalize('NFKC').trim().toLowerCase());
  const alike = [...byText.values()].filter((labels) => labels.length > 1);
  return each(alike, 'LABELS_SIMILAR', (labels) => `Labels ${quoted(labels)} differ only by case or spaces: are they one class?`);
}

function conflictingLabels(rows: Rows, duplicates: Duplicates): Warning[] {
  const conflicts = duplicates.filter(({ kind }) => kind === 'across-classes').map(({ paths }) => paths);
  const near = duplicates.filter(({ kind }) => kind === 'near-across-classes').map(({ paths }) => paths);
  const labels = labelsOf(rows, new Set([...conflicts.slice(0, NAMED), ...near.slice(0, NAMED)].flat()));
  const withLabels = (paths: readonly string[]): string =>
    few(paths.map((path) => `${path} (${labels.get(path) ?? 'no label'})`));
  return [
    ...each(
      conflicts,
      'LABELS_CONFLICT',
      (paths) => `The same image has several labels: ${withLabels(paths)}. Which one is right?`,
    ),
    ...each(
      near,
      'LABELS_SUSPECT',
      (paths) => `Images that look the same have different labels: ${withLabels(paths)}. Is one of them wrong?`,
    ),
  ];
}

/** The labels of images, as text, by path. */
function labelsOf(rows: Rows, paths: ReadonlySet<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (paths.size === 0) return found;
  for (const { path, labels } of rows) if (paths.has(path) && labels.length > 0) found.set(path, labels.join(', '));
  return found;
}

function tinyImages(rows: Rows): Warning[] {
  let tiny = 0;
  let example = '';
  for (const { path, width, height } of rows) {
    if (Math.min(width, height) >= TINY) continue;
    if (tiny++ === 0) example = `such as ${path} of ${width} x ${height}`;
  }
  if (tiny === 0) return [];
  return [
    warning('IMAGES_TINY', `${count(tiny)} of ${counted(rows.length, 'image')} have a side below ${TINY} pixels, ${example}.`),
  ];
}

/** Problems of a split that the manifest gives. */
function givenSplit(rows: Rows): Warning[] {
  const trained = new Set<string>();
  const checked = new Set<string>();
  const counts = { train: 0, validation: 0, test: 0, unassigned: 0 };
  for (const { split, labels } of labelledRows(rows)) {
    counts[split ?? 'unassigned']++;
    for (const label of labels) (split === undefined || split === 'train' ? trained : checked).add(label);
  }
  if (counts.train + counts.validation + counts.test === 0) return [];
  const unknown = [...checked].filter((label) => !trained.has(label)).sort();
  return [
    ...missingParts(counts),
    ...each(
      unknown,
      'LABEL_NOT_IN_TRAIN',
      (label) => `Label ${JSON.stringify(label)} is in validation or test, but on no training image.`,
    ),
    ...leaks(rows),
  ];
}

/** Sets that the given split leaves empty, and to which nothing is assigned either. */
function missingParts({ train, test, unassigned }: Readonly<Record<SplitPart | 'unassigned', number>>): Warning[] {
  if (unassigned > 0) return [];
  return [
    ...(train > 0 ? [] : [warning('SPLIT_WITHOUT_TRAIN', 'The given split has no images to train on.')]),
    ...(test > 0
      ? []
      : [
          warning(
            'SPLIT_WITHOUT_TEST',
            'The given split has no test images: a model is evaluated on its validation images alone.',
          ),
        ]),
  ];
}

/** Related images in different sets of a given split, which let the model be tested on images that it trained on. */
function leaks(rows: Rows): Warning[] {
  const leakingGroups = groupRelated(rows)
    .several()
    .map((set) => set.flatMap((number) => rows.at(number) ?? []))
    .filter((set) => new Set(set.flatMap(({ split }): SplitPart[] => (split === undefined ? [] : [split]))).size > 1);
  return each(leakingGroups, 'SPLIT_LEAKAGE', (set) => {
    const where = few(set.map(({ path, split }) => `${path} (${split ?? 'not given'})`));
    return `The given split divides images that belong together: ${where}. ${count(leakingGroups.length)} such cases in all.`;
  });
}

/** A warning for each finding, and one that counts the findings beyond the limit. */
function each<Finding>(findings: readonly Finding[], code: string, say: (finding: Finding) => string): Warning[] {
  const named = findings.slice(0, NAMED).map((finding) => warning(code, say(finding)));
  const more = findings.length - named.length;
  return more > 0 ? [...named, warning(code, `${count(more)} more such findings are not named.`)] : named;
}

function quoted(classes: ClassCounts): string {
  return classes.map(({ label }) => JSON.stringify(label)).join(' and ');
}

function warning(code: string, message: string): Warning {
  return { code, message };
}
