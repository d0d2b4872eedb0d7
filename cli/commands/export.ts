import { isAbsolute } from 'node:path';
import { findRow } from '../../lib/backbones/find-row.ts';
import { ModelCard } from '../../lib/contracts/model.ts';
import type { Precision, PrecisionCheck } from '../../lib/contracts/precision.ts';
import { imagenetBackbone, referencedName } from '../../lib/contracts/reference.ts';
import { DataError, RuntimeError } from '../../lib/errors.ts';
import { exportModel } from '../../lib/model-exports/export-model.ts';
import type { ExportedModel } from '../../lib/model-exports/exported-model.ts';
import type { ExportFormat } from '../../lib/model-exports/formats.ts';
import { digestOf, packageMissing, parseServedCard, readOnnx } from '../../lib/models/model-package.ts';
import { resolveModel } from '../../lib/models/registry.ts';
import { decodeDocument } from '../../lib/store/documents.ts';
import type { Context } from '../context.ts';
import { findModelVersion } from '../model-ref.ts';
import { EXIT, type Output, table } from '../output.ts';
import { imagesOf, storeOf } from '../store-of.ts';
import { checkNewFolder, writeNewFolder } from '../write-new-folder.ts';
import { prepareModel } from './predict.ts';

/**
 * graft export REF --to FORMAT FOLDER: writes a model version as files that run without Graft.
 * @throws UsageError FOLDER_NOT_EMPTY; NotFoundError MODEL_*; RuntimeError MODEL_PACKAGE_DAMAGED; as reducePrecision
 */
export async function exportTo(
  ref: string,
  folder: string,
  { to: format, precision, maxLoss }: ExportOptions,
  context: Context,
  output: Output,
): Promise<number> {
  // Before the model is read, which may take a while.
  await checkNewFolder(folder);
  if ((format === 'tfjs' || format === 'keras') && precision !== 'float32') throw needsFloat(ref, format, precision);
  output.progress(`reading: ${ref}`);
  const isPretrained = imagenetBackbone(referencedName(ref)) !== undefined;
  const original = isPretrained ? await readPretrained(ref, context) : await readTrained(ref, context);
  if (precision !== 'float32') output.progress(`comparing: ${precision} with float32 on the test images`);
  const model = precision === 'float32' ? original : await withPrecision(original, { precision, maxLoss }, context);
  output.progress(`writing: ${folder}`);
  const files = await exportModel(model, format);
  await writeNewFolder(folder, files);
  output.endProgress();
  const listed = files.map(({ name, content }) => ({ name, size: Buffer.byteLength(content) }));
  const check = model.precision;
  output.result(
    { model: model.name, version: model.version, format, folder, files: listed, ...(check && { precision: check }) },
    [
      table(listed.map(({ name, size }) => [name, `${size} bytes`])),
      ...(check ? [describeCheck(check)] : []),
      nextStep(format, folder, model),
    ].join('\n'),
  );
  return EXIT.done;
}

export interface ExportOptions {
  readonly to: ExportFormat;
  readonly precision: Precision;
  /** A share: 0.01 is one point. */
  readonly maxLoss: number;
}

/** Makes the model smaller. Its data set is only in the store. */
async function withPrecision(
  model: ExportedModel,
  { precision, maxLoss }: { readonly precision: Exclude<Precision, 'float32'>; readonly maxLoss: number },
  context: Context,
): Promise<ExportedModel> {
  const at = `${model.name}@${model.version}`;
  const read = ModelCard.safeParse(JSON.parse(new TextDecoder().decode(model.cardJson)));
  if (!read.success) {
    throw new DataError('EXPORT_PRECISION_UNAVAILABLE', {
      at,
      expected: 'a trained model, whose test images show what less precision costs',
      received: 'a backbone with its ImageNet top',
      fix: '--precision float32',
    });
  }
  if (read.data.task === 'one-class') {
    throw new DataError('EXPORT_PRECISION_UNAVAILABLE', {
      at,
      expected: 'a classifier: one-class models have no test images of other classes, which would show what less precision costs',
      received: 'a one-class model',
      fix: '--precision float32',
    });
  }
  const { reducePrecision } = await import('../../lib/model-exports/reduce-precision.ts');
  return reducePrecision(model, read.data, { precision, maxLoss }, await imagesOf(read.data.spec.dataset, context));
}

function needsFloat(ref: string, format: ExportFormat, precision: Precision): DataError {
  return new DataError('EXPORT_PRECISION_UNAVAILABLE', {
    at: ref,
    expected: `float32 for --to ${format}, with which training goes on`,
    received: precision,
    fix: '--precision float32, or another format: --to onnx, npm, web or html',
  });
}

function describeCheck({
  precision,
  metric,
  before,
  after,
  interval,
  images,
  sameLabel,
  floatLayers = [],
}: PrecisionCheck): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)}%`;
  const points = (share: number) => (share * 100).toFixed(1);
  return [
    `${precision}: ${metric === 'accuracy' ? 'accuracy' : 'mean average precision'} ${percent(after)}, float32 ${percent(before)}, on ${images} test images`,
    `loss 95% interval: ${points(interval.low)} to ${points(interval.high)} points; the same most probable label on ${percent(sameLabel)}`,
    ...(floatLayers.length > 0 ? [`layers in float: ${floatLayers.join(', ')}`] : []),
  ].join('\n');
}

/** Reads a trained version with the API, which may be on another machine. */
async function readTrained(ref: string, { client }: Context): Promise<ExportedModel> {
  const { record, version } = await findModelVersion(ref, client);
  const { files } = await client.models.files(record.name, version.version);
  const read = async (name: string) => {
    const file = files.find((one) => one.name === name);
    if (file === undefined) throw packageMissing(`${version.package}${name}`);
    return client.fetchFile(file);
  };
  const cardJson = await read('card.json');
  const onnx = await read('model.onnx');
  const at = `${version.package}card.json`;
  const { backbone, modelDigest, spec } = decodeDocument(ModelCard, at, cardJson).value;
  if (digestOf(onnx) !== modelDigest.replace(/^sha256-/, '')) {
    throw new RuntimeError('MODEL_PACKAGE_DAMAGED', {
      at: `${version.package}model.onnx`,
      expected: 'the SHA-256 in the card',
      received: 'another one',
      fix: `graft verify ${record.name}@${version.version} checks all files`,
    });
  }
  const card = parseServedCard(cardJson, at);
  return {
    name: record.name,
    version: version.version,
    card,
    cardJson,
    onnx,
    backbone: { ...backbone, weights: spec.backbone.weights, isOwn: spec.backbone.own !== undefined },
  };
}

/** Reads a backbone with its own ImageNet top, which only a store on this machine has. */
async function readPretrained(ref: string, context: Context): Promise<ExportedModel> {
  const store = storeOf(context);
  await prepareModel(ref, context);
  const { name, version } = await resolveModel(store, ref);
  const key = `${version.package}card.json`;
  const cardJson = (await store.get(key))?.body;
  if (cardJson === undefined) throw packageMissing(key);
  const row = findRow(imagenetBackbone(name) ?? name);
  return {
    name,
    version: version.version,
    card: parseServedCard(cardJson, key),
    cardJson,
    onnx: await readOnnx(store, version.package),
    backbone: { name: row.name, licence: row.licence },
  };
}

function nextStep(format: ExportFormat, folder: string, { name, version }: ExportedModel): string {
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
