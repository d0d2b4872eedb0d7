import { access, readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { asGraftError, DataError, NotFoundError } from '../errors.ts';
import { openExplainerLazily as openExplainer } from '../explanation/lazy-explainer.ts';
import { openPackage } from '../inference/predictor.ts';
import { openServedModel } from '../inference/served-model.ts';
import { openEmbeddedWorld } from '../local/embedded-world.ts';
import { resolveModel } from '../models/registry.ts';
import { parseServedCard, readOnnx } from '../models/served-package.ts';
import { openWorkerSession } from '../onnx/worker-session.ts';
import type { ObjectStore } from '../ports.ts';
import { dataDirectoryOf, type LibraryOptions } from './library-options.ts';
import { type Model, modelOf } from './model.ts';

/**
 * Loads a model for predictions.
 * @param ref a model in the data directory: `name` (its latest version), `name@3` or `name:alias`; or the folder of a
 * model's package, with model.onnx and card.json. A text with a slash is a folder; a text without one is a folder only
 * if it has a card.json
 * @param options the data directory
 * @returns the model, running in its own thread until `close()`
 * @throws NotFoundError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, FILE_NOT_FOUND; DataError CARD_UNREADABLE,
 * ONNX_UNREADABLE
 * @example
 * ```js
 * const model = await loadModel('flowers:prod');
 * const { labels } = await model.predict('photo.jpg');
 * console.log(labels[0].label, labels[0].probability);
 * await model.close();
 * ```
 */
export async function loadModel(ref: string, options: LibraryOptions = {}): Promise<Model> {
  if (await isPackage(ref)) return loadFolder(ref);
  const directory = dataDirectoryOf(options);
  return withStore(directory, (store) => loadVersion(ref, directory, store));
}

/**
 * Loads a version of a model.
 * @param store of the data directory; the model does not use it later, so it may be closed
 * @throws as resolveModel and openPackage
 */
export async function loadVersion(ref: string, directory: string, store: ObjectStore): Promise<Model> {
  const { version } = await resolveModel(ref, store);
  const readAgain = () => withStore(directory, (opened) => readOnnx(version.package, opened));
  return modelOf(await openPackage(version, store, openWorkerSession, openExplainer, readAgain), version.version);
}

async function withStore<T>(directory: string, use: (store: ObjectStore) => Promise<T>): Promise<T> {
  const world = openEmbeddedWorld(directory, () => {});
  try {
    return await use(world.store);
  } finally {
    world.close();
  }
}

/**
 * Whether a text means a folder, and not a model of the data directory. A model often has the name of the folder of
 * images that it was trained on, so a folder of that name alone does not decide.
 */
async function isPackage(ref: string): Promise<boolean> {
  if (/[/\\]|^\.+$/.test(ref) || isAbsolute(ref)) return true;
  return access(join(ref, 'card.json')).then(
    () => true,
    () => false,
  );
}

async function loadFolder(folder: string): Promise<Model> {
  const [card, onnx] = await Promise.all([readPart(folder, 'card.json'), readPart(folder, 'model.onnx')]);
  const explaining = { openExplainer, readOnnx: () => readPart(folder, 'model.onnx') };
  return modelOf(await openServedModel({ card: parse(card, join(folder, 'card.json')), onnx }, openWorkerSession, explaining));
}

async function readPart(folder: string, file: string): Promise<Uint8Array> {
  const at = join(folder, file);
  return readFile(at).catch((cause: unknown) => {
    const fix = 'give the folder that holds model.onnx and card.json';
    throw new NotFoundError('FILE_NOT_FOUND', { at, expected: "a file of a model's package", received: 'nothing', fix, cause });
  });
}

function parse(card: Uint8Array, at: string) {
  try {
    return parseServedCard(card, at);
  } catch (cause) {
    const { at: where = at, received } = asGraftError(cause);
    throw new DataError('CARD_UNREADABLE', {
      at: where,
      expected: 'the card of a model that Graft made',
      received,
      fix: 'copy the whole package again',
      cause,
    });
  }
}
