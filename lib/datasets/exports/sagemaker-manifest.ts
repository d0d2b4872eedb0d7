import { z } from 'zod';
import { partOfFile } from '../../contracts/split-names.ts';
import { type Export, type ExportedImage, exportOf, taskIncompatible } from './export.ts';

const Metadata = z.object({
  type: z.string().optional(),
  'class-name': z.string().optional(),
  'class-map': z.record(z.string(), z.string()).optional(),
});
type Metadata = z.infer<typeof Metadata>;
type Values = Readonly<Record<string, unknown>>;

/** Whether members of a line are those of an augmented manifest. */
export function isAugmentedLine(members: readonly string[]): boolean {
  return members.includes('source-ref') || members.includes('image-ref');
}

/**
 * Reads augmented manifests of SageMaker and Ground Truth
 * (https://docs.aws.amazon.com/sagemaker/latest/dg/augmented-manifest.html, .../sms-data-output.html): the classes of
 * images, by name if the metadata has it; otherwise the classes of boxes.
 * @throws DataError EXPORT_INCOMPATIBLE if a line has unknown labels, or labels of several jobs
 */
export function readAugmentedManifest(name: string, lines: readonly { line: number; values: Values }[]): Export {
  const part = partOfFile(name);
  const labelled = lines.map(({ line, values }) => ({ at: `${name}:${line}`, values, attributes: attributesOf(values) }));
  const all = labelled.flatMap(({ attributes }) => attributes);
  const classes = all.filter(({ metadata }) => isClassification(metadata.type));
  const ofRegions = classes.length === 0 && all.some(({ metadata }) => metadata.type?.includes('object-detection') === true);
  if (!ofRegions) requireClasses(name, all, classes.length > 0);
  const isMultiHot = multiHot(all.flatMap(({ value, metadata }) => (metadata['class-map'] === undefined ? [listOf(value)] : [])));
  const images = labelled.map(({ at, values, attributes }): ExportedImage => {
    const labels = attributes
      .filter(({ metadata }) =>
        ofRegions ? !isClassification(metadata.type) : classes.length === 0 || isClassification(metadata.type),
      )
      .flatMap(({ value, metadata }) => (ofRegions ? boxClasses(value, metadata) : classesOf(value, metadata, isMultiHot)));
    const path = values['source-ref'] ?? values['image-ref'];
    return { at, path: typeof path === 'string' ? path : undefined, labels, part };
  });
  return exportOf('SageMaker', images, { ofRegions });
}

/** What is said of an image, with what is said of that. */
function attributesOf(values: Values): { name: string; value: unknown; metadata: Metadata }[] {
  return Object.entries(values)
    .filter(([key]) => !/-(?:ref|metadata)$/.test(key))
    .map(([key, value]) => ({ name: key, value, metadata: Metadata.safeParse(values[`${key}-metadata`]).data ?? {} }));
}

function isClassification(type: string | undefined): boolean {
  return type?.startsWith('groundtruth/image-classification') === true;
}

/** @throws DataError EXPORT_INCOMPATIBLE */
function requireClasses(name: string, all: ReturnType<typeof attributesOf>, isDeclared: boolean): void {
  const names = [...new Set(all.map((attribute) => attribute.name))];
  if (isDeclared || (names.length === 1 && all.every(({ value }) => listOf(value) !== undefined))) return;
  throw taskIncompatible(name, {
    expected: 'one attribute with the classes of each image',
    received: names.join(', ') || 'none',
    fix: 'remove the other attributes from each line',
  });
}

/** Numbers of classes, or marks of them; a text is a class itself. */
function listOf(value: unknown): string[] | undefined {
  const written = typeof value === 'string' && value.startsWith('[') ? value.slice(1, -1).split(',') : value;
  const list = Array.isArray(written) ? written : [written];
  return list.every((one) => typeof one === 'string' || typeof one === 'number')
    ? list.map((one) => String(one).trim())
    : undefined;
}

/**
 * Whether lists have a 0 or 1 for each class, and not the numbers of classes: all of a length, and out of order or
 * repeated somewhere.
 */
function multiHot(lists: readonly (readonly string[] | undefined)[]): boolean {
  const [first] = lists;
  const isMarks = (list: readonly string[] | undefined) =>
    list?.length === first?.length && list?.every((one) => one === '0' || one === '1') === true;
  return (
    (first?.length ?? 0) > 1 &&
    lists.every(isMarks) &&
    lists.some((list) => list !== undefined && (list.length > 2 || list.join() !== '0,1'))
  );
}

function classesOf(value: unknown, metadata: Metadata, isMultiHot: boolean): string[] {
  const { 'class-name': className, 'class-map': classMap } = metadata;
  if (className !== undefined) return [className];
  const list = listOf(value) ?? [];
  if (classMap !== undefined) return list.map((one) => classNamed(classMap, one));
  return isMultiHot ? list.flatMap((one, index) => (one === '1' ? [String(index)] : [])) : list;
}

const Boxes = z.object({ annotations: z.array(z.object({ class_id: z.union([z.number(), z.string()]) })) });

function boxClasses(value: unknown, { 'class-map': classMap = {} }: Metadata): string[] {
  const { data } = Boxes.safeParse(value);
  return (data?.annotations ?? []).map(({ class_id }) => classNamed(classMap, String(class_id)));
}

/** Names such as "constructor" are members of each object, and not of the map. */
function classNamed(classMap: Readonly<Record<string, string>>, one: string): string {
  return (Object.hasOwn(classMap, one) ? classMap[one] : undefined) ?? one;
}
