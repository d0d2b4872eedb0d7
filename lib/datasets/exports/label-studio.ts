import { z } from 'zod';
import { type Export, type ExportedImage, exportOf, taskIncompatible } from './export.ts';

const Result = z.object({ type: z.string(), from_name: z.string().optional(), value: z.record(z.string(), z.unknown()) });
const Annotation = z.object({
  result: z.array(z.unknown()).nullish(),
  was_cancelled: z.boolean().nullish(),
  ground_truth: z.boolean().nullish(),
});
const Task = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  data: z.record(z.string(), z.unknown()),
  annotations: z.array(Annotation),
});
const Tasks = z.array(Task).min(1);

/**
 * Reads the JSON of Label Studio (https://labelstud.io/guide/export, /guide/task_format): the choices of each
 * annotation; if no image has choices, the labels of all marked regions. Skipped annotations do not count. If one is
 * marked as ground truth, the others do not count.
 * @returns undefined if the file is not Label Studio
 * @throws DataError EXPORT_INCOMPATIBLE if there are neither choices nor regions, or choices of several questions
 */
export function readLabelStudio(name: string, json: unknown): Export | undefined {
  const { success, data: tasks } = Tasks.safeParse(json);
  if (!success) return undefined;
  const annotated = tasks.map((task) => ({ task, annotations: countingAnnotations(task) }));
  const results = annotated.flatMap(({ annotations }) => annotations.flat());
  const ofRegions = !results.some(({ type }) => type === 'choices') && results.some((one) => regionLabels(one.value).length > 0);
  if (!ofRegions) requireOneQuestion(name, results);
  const images = annotated.flatMap(({ task, annotations }) => {
    const [at, path] = [`${name}, task ${task.id ?? '?'}`, imageOf(task.data)];
    return (annotations.length === 0 ? [[]] : annotations).map(
      (made): ExportedImage => ({
        at,
        path,
        labels: made.flatMap(({ type, value }) =>
          ofRegions ? regionLabels(value) : type === 'choices' ? choiceLabels(value) : [],
        ),
      }),
    );
  });
  return exportOf('Label Studio', images, { ofRegions });
}

/** Of each annotation that counts, its results. */
function countingAnnotations({ annotations }: z.infer<typeof Task>): z.infer<typeof Result>[][] {
  const made = annotations.filter(({ was_cancelled }) => was_cancelled !== true);
  const true_ = made.filter(({ ground_truth }) => ground_truth === true);
  return (true_.length > 0 ? true_ : made).map(({ result }) => (result ?? []).flatMap((one) => Result.safeParse(one).data ?? []));
}

/** @throws DataError EXPORT_INCOMPATIBLE */
function requireOneQuestion(name: string, results: readonly z.infer<typeof Result>[]): void {
  const questions = new Set(results.filter(({ type }) => type === 'choices').map(({ from_name }) => from_name ?? 'choices'));
  if (questions.size === 1) return;
  const types = [...new Set(results.map(({ type }) => type))].join(', ') || 'no annotation';
  throw questions.size > 1
    ? taskIncompatible(name, { expected: 'choices of one question', received: [...questions].join(', '), fix: oneQuestion })
    : taskIncompatible(name, {
        expected: 'choices or marked regions',
        received: types,
        fix: 'label the images with Choices, and export again',
      });
}

const oneQuestion = 'keep the results of one from_name in the file, or make a data set of each';

/** The labelled image: the member of a task's data that is an image, by its name, otherwise by its value. */
export function imageOf(data: Readonly<Record<string, unknown>>): string | undefined {
  const texts = Object.entries(data).flatMap(([key, value]) => (typeof value === 'string' ? [{ key, value }] : []));
  const named = texts.find(({ key }) => /^(?:image|img|photo|picture)(?:_?(?:url|path|file))?$/i.test(key));
  return (named ?? texts.find(({ value }) => isImageAddress(value)))?.value;
}

/** Whether a value of a task's data is the address of an image. */
export function isImageAddress(value: string): boolean {
  return (
    /^(?:\/data\/|[a-z][a-z0-9+.-]*:\/\/)/i.test(value) || /\.(?:jpe?g|png|webp|gif|avif|tiff?|bmp)(?:[?#].*)?$/i.test(value)
  );
}

export function choiceLabels({ choices }: Readonly<Record<string, unknown>>): string[] {
  return textsOf(choices);
}

/** The labels of a region, whose member is called for its tool: `rectanglelabels`, `polygonlabels`, `brushlabels` and so on. */
export function regionLabels(value: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(value).flatMap(([key, labels]) => (/^[a-z]*labels$/.test(key) ? textsOf(labels) : []));
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((label) => typeof label === 'string') : [];
}
