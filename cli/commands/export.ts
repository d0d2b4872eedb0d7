import { isAbsolute } from 'node:path';
import type { ExportFormat } from '../../lib/contracts/model-export.ts';
import type { PrecisionCheck } from '../../lib/contracts/precision.ts';
import { imagenetBackbone, referencedName } from '../../lib/contracts/reference.ts';
import { byteSize, counted, percent } from '../../lib/format.ts';
import { checkExport, checkLayerPrecision } from '../../lib/model-exports/check-export.ts';
import { exportModel } from '../../lib/model-exports/export-model.ts';
import type { ExportedModel } from '../../lib/model-exports/exported-model.ts';
import { readExportedModel, storedPackage } from '../../lib/model-exports/read-exported-model.ts';
import { withPrecision } from '../../lib/model-exports/with-precision.ts';
import { resolveModel } from '../../lib/models/registry.ts';
import type { Context } from '../context.ts';
import { checkNewFolder, writeNewFolder } from '../files/write-new-folder.ts';
import { findModelVersion } from '../model-ref.ts';
import { EXIT, type Output, table } from '../output.ts';
import { imagesOf, storeOf } from '../store-of.ts';
import { type ExportOptions, exportByJob, type MadeExport } from './export-by-job.ts';
import { prepareModel } from './predict.ts';

/**
 * graft export REF --to FORMAT FOLDER: writes a model version as files that run without Graft. What needs the store is
 * a job where the store is on another machine.
 * @throws UsageError FOLDER_NOT_EMPTY; NotFoundError MODEL_*; as readExportedModel, checkExport, reducePrecision and exportModel
 */
export async function exportTo(
  ref: string,
  folder: string,
  options: ExportOptions,
  context: Context,
  output: Output,
): Promise<number> {
  const { to: format, precision } = options;
  // Before the model is read, which may take a while.
  await checkNewFolder(folder);
  checkLayerPrecision(ref, { format, precision });
  const needsStore = precision !== 'float32' || isPretrained(ref);
  const made =
    needsStore && context.store === undefined
      ? await exportByJob(ref, options, context, output)
      : await exportHere(ref, options, context, output);
  if ('status' in made) return made.status;
  output.progress(`writing: ${folder}`);
  const { name, version, precision: check, files } = made;
  await writeNewFolder(folder, files);
  output.endProgress();
  const listed = files.map((file) => ({ name: file.name, size: Buffer.byteLength(file.content) }));
  output.result(
    { model: name, version, format, folder, files: listed, ...(check && { precision: check }) },
    [
      table(listed.map((file) => [file.name, byteSize(file.size)])),
      ...(check ? [describeCheck(check)] : []),
      nextStep(format, folder, made),
    ].join('\n'),
  );
  return EXIT.done;
}

async function exportHere(
  ref: string,
  { to: format, precision, maxLoss }: ExportOptions,
  context: Context,
  output: Output,
): Promise<MadeExport> {
  output.progress(`reading: ${ref}`);
  const original = isPretrained(ref) ? await readPretrained(ref, context) : await readTrained(ref, context);
  checkExport(original, { format, precision });
  const comparing = `comparing: ${precision} with float32 on the test images`;
  if (precision !== 'float32') output.progress(comparing);
  const onProgress = (done: number, total: number) => output.progress(`${comparing}, step ${done} of ${total}`);
  // The data set is only in the store.
  const model = await withPrecision(original, (dataset) => imagesOf(dataset, context), { precision, maxLoss, onProgress });
  return { ...model, files: await exportModel(model, format) };
}

function isPretrained(ref: string): boolean {
  return imagenetBackbone(referencedName(ref)) !== undefined;
}

/** Says in lines what a precision costs, and what stays in float. */
export function describeCheck({
  precision,
  metric,
  before,
  after,
  interval,
  images,
  sameLabel,
  floatLayers = [],
  floatOperators = [],
}: PrecisionCheck): string {
  const points = (share: number) => (share * 100).toFixed(1);
  return [
    `${precision}: ${metric === 'accuracy' ? 'accuracy' : 'mean average precision'} ${percent(after)}, float32 ${percent(before)}, on ${counted(images, 'test image')}`,
    `loss 95% interval: ${points(interval.low)} to ${points(interval.high)} points; the same most probable label on ${percent(sameLabel)}`,
    ...(floatLayers.length > 0 ? [`layers in float: ${floatLayers.join(', ')}`] : []),
    ...(floatOperators.length > 0 ? [`operators in float between int8 layers: ${floatOperators.join(', ')}`] : []),
  ].join('\n');
}

/** Reads a trained version with the API, which may be on another machine. */
async function readTrained(ref: string, { client }: Context): Promise<ExportedModel> {
  const { record, version } = await findModelVersion(ref, client);
  const { files } = await client.models.files(record.name, version.version);
  return readExportedModel({ name: record.name, version }, async (name) => {
    const file = files.find((one) => one.name === name);
    return file && client.fetchFile(file);
  });
}

/** Reads a backbone with its own ImageNet top, which only a store has. */
async function readPretrained(ref: string, context: Context): Promise<ExportedModel> {
  const store = storeOf(context);
  await prepareModel(ref, context);
  const found = await resolveModel(ref, store);
  return readExportedModel(found, storedPackage(found, store));
}

function nextStep(format: ExportFormat, folder: string, { name, version }: MadeExport): string {
  switch (format) {
    case 'onnx':
      return `Examples for Node.js, browsers and Python:\n  ${folder}/README.md`;
    case 'npm':
      return `Pack it, and install it in your project:\n  npm pack ${localPath(folder)}\n  npm install ./${name}-model-${version}.0.0.tgz`;
    case 'web':
      return `Serve it with any file server:\n  python3 -m http.server --bind 127.0.0.1 --directory ${folder}`;
    case 'html':
      return `Open it in a browser:\n  ${folder}/index.html`;
    case 'tfjs':
      return `Predict, and go on training with TensorFlow.js:\n  ${folder}/README.md`;
    case 'keras':
      return `Predict, and go on training with Keras:\n  ${folder}/README.md`;
  }
}

/** npm takes a name without a dot or a slash for a package of the registry. */
function localPath(folder: string): string {
  return isAbsolute(folder) || folder.startsWith('.') ? folder : `./${folder}`;
}
