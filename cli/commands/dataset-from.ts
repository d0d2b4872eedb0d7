import { mapInOrder } from '../../lib/concurrency.ts';
import type { ListedPrediction } from '../../lib/contracts/kept-predictions.ts';
import { referencedName } from '../../lib/contracts/reference.ts';
import { NotFoundError, RuntimeError } from '../../lib/errors.ts';
import { counted } from '../../lib/format.ts';
import { imageFormat } from '../../lib/images/image-format.ts';
import type { Context } from '../context.ts';
import { checkNewFolder, type NewFile, writeNewFolder } from '../files/write-new-folder.ts';
import { findModelVersion } from '../model-ref.ts';
import { EXIT, type Output, table } from '../output.ts';

export interface DatasetFromOptions {
  /** The folder, and so the name of the data set. */
  readonly name: string;
  readonly unknown?: boolean;
  readonly unsure?: boolean;
  readonly days?: number;
}

/** The class folder of images that are unlike those of the data set. */
const UNKNOWN = 'unknown';
const DOWNLOADS = 8;
const EXTENSIONS: Readonly<Record<string, string>> = { JPEG: 'jpg', TIFF: 'tif' };

/**
 * graft dataset-from REF --name NAME: writes the images that a version has kept as a folder to correct and upload, with
 * the predicted labels as suggestions.
 * @throws NotFoundError KEPT_IMAGES_MISSING; UsageError FOLDER_NOT_EMPTY, FILE_UNWRITABLE; RuntimeError
 * API_RESPONSE_UNREADABLE
 */
export async function datasetFrom(ref: string, options: DatasetFromOptions, context: Context, output: Output): Promise<number> {
  const { client } = context;
  const { name } = options;
  await checkNewFolder(name);
  const { record, version } = await findModelVersion(ref, client);
  const [model, number] = [record.name, version.version];
  const { card } = await client.models.version(model, number);
  const dataset = referencedName(card.spec.dataset);
  const asFolders = card.task === 'single-label' && card.labels.every(isFolderName);
  const counts = new Map<string, number>();
  await writeNewFolder(name, files());
  const labels = [...counts].map(([label, images]) => ({ label, images })).sort((a, b) => b.images - a.images);
  const images = labels.reduce((total, one) => total + one.images, 0);
  const [correct, join] = asFolders
    ? ['move images into the folder of their class', 'copy the folders into that of the other images']
    : [`correct the labels in ${name}/manifest.jsonl`, 'add them, and their lines of the manifest, to the other images'];
  output.result(
    { model, version: number, folder: name, images, labels },
    `${counted(images, 'image')} of ${model}@${number} in ${name}, by suggested label:\n` +
      `${table(labels.map((one) => [`  ${one.label}`, `${one.images}`]))}\n` +
      `The labels are predictions: ${correct}, and delete images that belong to no class.\n` +
      `Then ${join} of ${dataset}, and upload all of them:\n  graft upload FOLDER --name ${dataset}`,
  );
  return EXIT.done;

  async function* files(): AsyncGenerator<NewFile> {
    const lines: string[] = [];
    const kept = keptImages(`${model}@${number}`, options, context);
    for await (const { one, content } of mapInOrder(kept, DOWNLOADS, async (one) => ({ one, content: await one.read() }))) {
      const { labels, label: suggested } = suggestionOf(one, card.labels);
      counts.set(suggested, (counts.get(suggested) ?? 0) + 1);
      const path = `${asFolders ? suggested : 'images'}/${one.id.replace('/', '-')}.${extensionOf(content)}`;
      lines.push(JSON.stringify({ path, ...(labels === undefined ? { label: suggested } : { labels }) }));
      output.progress(`reading: ${counted(lines.length, 'image')}`);
      yield { name: path, content };
    }
    if (lines.length === 0) throw noImages(ref, model, options);
    if (!asFolders) yield { name: 'manifest.jsonl', content: `${lines.join('\n')}\n` };
  }
}

/** The wanted images, a page at a time, because their links are valid for a quarter of an hour only. */
async function* keptImages(
  ref: string,
  { unknown, unsure, days }: DatasetFromOptions,
  { client }: Context,
): AsyncGenerator<ListedPrediction & { readonly read: () => Promise<Uint8Array> }> {
  for (let after: string | undefined; ; ) {
    const { predictions, next } = await client.models.keptPredictions(ref, { images: true, unknown, unsure, days, after });
    for (const one of predictions) {
      const { image } = one;
      if (image !== undefined) yield { ...one, read: () => client.fetchFile(image) };
    }
    if (next === undefined) return;
    after = next;
  }
}

/**
 * The suggested label, or of a multi-label model the suggested labels with a text for them.
 * @param all the labels of the model. No other one may name a folder.
 */
function suggestionOf(
  { id, label, labels, known }: ListedPrediction,
  all: readonly string[],
): { label: string; labels?: string[] } {
  if (labels !== undefined) return { label: labels.join(', ') || 'no label', labels };
  if (known === false) return { label: UNKNOWN };
  if (all.includes(label)) return { label };
  throw new RuntimeError('API_RESPONSE_UNREADABLE', {
    at: id,
    expected: 'a label of the model',
    received: label,
    fix: 'check the address of the API',
  });
}

/** Whether a label can be the name of a folder on every system. */
function isFolderName(label: string): boolean {
  return /^[^./\\<>:"|?*\p{Cc}][^/\\<>:"|?*\p{Cc}]{0,99}$/u.test(label) && !/[. ]$/.test(label);
}

function extensionOf(bytes: Uint8Array): string {
  const { name } = imageFormat(bytes);
  return EXTENSIONS[name] ?? name.toLowerCase();
}

function noImages(at: string, model: string, { unknown, unsure, days }: DatasetFromOptions): NotFoundError {
  const isNarrowed = unknown || unsure || days !== undefined;
  return new NotFoundError('KEPT_IMAGES_MISSING', {
    at,
    expected: 'predictions that were kept with their images',
    received: isNarrowed ? 'none of those that you want' : 'none',
    fix: isNarrowed
      ? 'leave out --unknown, --unsure or --days'
      : `keep the images of further predictions: graft keep ${model} --images`,
  });
}
