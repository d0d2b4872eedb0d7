import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { JobResult } from '../contracts/job.ts';
import { type EpochRecord, ModelCard } from '../contracts/model.ts';
import { NotFoundError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { storeKeys } from '../store/store-keys.ts';

/** What a prediction needs to know of a model; a card says it too. */
const ServedCard = ModelCard.pick({
  model: true,
  task: true,
  labels: true,
  calibration: true,
  thresholds: true,
  input: true,
}).strip();
export type ServedCard = z.infer<typeof ServedCard>;

/**
 * Names of the one input, images [N, height, width, 3], RGB 0..255, and of the one output, probabilities [N, labels],
 * in each model.onnx that is written. Packages of earlier versions have other names: whoever runs a graph takes the
 * names from the graph.
 */
export const servedNames = { input: 'images', output: 'probabilities' } as const;

/** The files of a model version, beside each other under one prefix. */
export interface ModelPackage {
  readonly card: ModelCard;
  /** The whole model in operators of the ONNX standard: preprocessing, trunk, head and softmax in one graph. */
  readonly onnx: Uint8Array;
  readonly history: readonly EpochRecord[];
  /** What the job says of it, but for what is not known before it is published. */
  readonly result: Omit<JobResult, 'version' | 'package'>;
}

/**
 * Writes a package. Each attempt has its own prefix, so that two never mix their files; nobody sees it before publishVersion().
 * @returns the prefix
 */
export async function writePackage(
  store: ObjectStore,
  attempt: number,
  { card, onnx, history, result }: ModelPackage,
): Promise<string> {
  const prefix = `${storeKeys.models.prefix}${card.model}/${card.job}-${attempt}/`;
  await store.put(`${prefix}model.onnx`, onnx);
  await store.put(`${prefix}labels.json`, json(card.labels));
  await store.put(`${prefix}history.json`, json(history));
  await store.put(`${prefix}result.json`, json(result));
  await store.put(`${prefix}card.json`, json(card));
  return prefix;
}

/** Where the model of a backbone with its own ImageNet top lies, once it was made. */
export function imagenetPrefix(name: string): string {
  return `${storeKeys.imagenet.prefix}${name}/`;
}

/** Writes what predictions need, the card last: where it is, the graph is. */
export async function writeServedModel(store: ObjectStore, prefix: string, card: ServedCard, onnx: Uint8Array): Promise<void> {
  await store.put(`${prefix}model.onnx`, onnx);
  await store.put(`${prefix}card.json`, json(card));
}

/** @returns undefined where there is no such package */
export async function readServedCard(store: ObjectStore, prefix: string): Promise<ServedCard | undefined> {
  const key = `${prefix}card.json`;
  const object = await store.get(key);
  return object && parseServedCard(object.body, key);
}

/** @param at its key or path @throws RuntimeError DOCUMENT_UNREADABLE */
export function parseServedCard(card: Uint8Array, at: string): ServedCard {
  return decodeDocument(ServedCard, at, card).value;
}

/** @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError DOCUMENT_UNREADABLE */
export async function readCard(store: ObjectStore, prefix: string): Promise<ModelCard> {
  const key = `${prefix}card.json`;
  return decodeDocument(ModelCard, key, await part(store, key)).value;
}

const PackagedResult = JobResult.omit({ version: true, package: true });

/** @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError DOCUMENT_UNREADABLE */
export async function readResult(store: ObjectStore, prefix: string): Promise<Omit<JobResult, 'version' | 'package'>> {
  const key = `${prefix}result.json`;
  return decodeDocument(PackagedResult, key, await part(store, key)).value;
}

/** @throws NotFoundError MODEL_PACKAGE_MISSING */
export async function readOnnx(store: ObjectStore, prefix: string): Promise<Uint8Array> {
  return part(store, `${prefix}model.onnx`);
}

/** SHA-256 in hexadecimal digits. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function part(store: ObjectStore, key: string): Promise<Uint8Array> {
  const object = await store.get(key);
  if (object !== undefined) return object.body;
  throw packageMissing(key);
}

export function packageMissing(key: string): NotFoundError {
  return new NotFoundError('MODEL_PACKAGE_MISSING', {
    at: key,
    expected: 'the files of the version',
    received: 'nothing',
    fix: 'train the model again, or use another version',
  });
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
