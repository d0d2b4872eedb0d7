import type { ManifestRow, Warning } from '../contracts/dataset.ts';
import type { ClassCounts, Duplicates } from './describe-rows.ts';

/** Below this many images a class may be missing from a tenth that is held out. */
const FEW = 10;
/** Pixels: the shorter side of an image in which little can be seen. */
const TINY = 16;

/** What a person should look at before paying for a training; none of it stops an import. */
export function findWarnings(rows: readonly ManifestRow[], classes: ClassCounts, duplicates: Duplicates): Warning[] {
  return [
    ...oneClass(classes),
    ...smallClasses(classes),
    ...labelsAlike(classes),
    ...conflictingLabels(duplicates),
    ...tinyImages(rows),
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
  return duplicates
    .filter(({ kind }) => kind === 'across-classes')
    .map(({ paths }) =>
      warning('LABELS_CONFLICT', `The same image has several labels: ${paths.join(', ')}. Keep it in one class.`),
    );
}

function tinyImages(rows: readonly ManifestRow[]): Warning[] {
  const tiny = rows.filter(({ width, height }) => Math.min(width, height) < TINY);
  const [first] = tiny;
  if (first === undefined) return [];
  const example = `such as ${first.path} of ${first.width} x ${first.height}`;
  return [warning('IMAGES_TINY', `${tiny.length} of ${rows.length} images have a side below ${TINY} pixels, ${example}.`)];
}

function quoted(classes: ClassCounts): string {
  return classes.map(({ label }) => JSON.stringify(label)).join(' and ');
}

function warning(code: string, message: string): Warning {
  return { code, message };
}
