/** Reads the predictions that a model version has kept. */

import { mapInOrder } from '../concurrency.ts';
import { KeptPrediction, type StoredKeeping } from '../contracts/keeping.ts';
import { RuntimeError } from '../errors.ts';
import type { ObjectHead, ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import { dayOf, firstDay, keptPrefix, parseKeptKey } from '../store/kept-keys.ts';
import { listKeys } from '../store/list-keys.ts';
import type { ResolvedModel } from './registry.ts';

const READ_AT_ONCE = 64;
const DAY_MS = 86_400_000;

/** A kept prediction and its id among those of its version. */
export interface KeptEntry {
  /** `DAY/SLOT` */
  readonly id: string;
  readonly prediction: KeptPrediction;
}

/** Which page of a version's kept predictions to read. */
export interface KeptPage {
  /** The id of the last entry of the previous page. */
  readonly after?: string | undefined;
  /** The last days that count; default: all. */
  readonly days?: number | undefined;
  readonly limit: number;
}

/** Reads a page of the kept predictions of a version, the oldest day first. None if its model keeps none any more. */
export async function listKept(
  { name, version: { version }, keeping }: ResolvedModel,
  now: Date,
  store: ObjectStore,
  { after, days, limit }: KeptPage,
): Promise<{ entries: KeptEntry[]; next?: string }> {
  if (keeping === undefined) return { entries: [] };
  const prefix = keptPrefix({ model: name, period: keeping.period, version });
  // A day sorts before all of its slots.
  const start =
    [after === undefined ? '' : `${after}.json`, days === undefined ? '' : firstDay(now, days)].toSorted().at(-1) ?? '';
  const { objects, more } = await store.list(prefix, { limit, ...(start !== '' && { after: `${prefix}${start}` }) });
  const last = objects.at(-1);
  const entries = await readAll(objects, prefix, store);
  return { entries, ...(more && last !== undefined && { next: idOf(last, prefix) }) };
}

/**
 * Reads the kept predictions of a version of the last days, the same number of each day at most. Slots are drawn at
 * random, so the first slots of a day are a random sample of its predictions.
 * @param most predictions of all days together
 */
export async function sampleKept(
  { name, version: { version }, keeping }: ResolvedModel,
  now: Date,
  store: ObjectStore,
  { days, most }: { readonly days: number; readonly most: number },
): Promise<KeptEntry[]> {
  if (keeping === undefined) return [];
  const prefix = keptPrefix({ model: name, period: keeping.period, version });
  const each = Math.ceil(most / days);
  const dates = Array.from({ length: days }, (_, i) => dayOf(new Date(now.getTime() - i * DAY_MS))).toReversed();
  const objects: ObjectHead[] = [];
  for await (const ofDay of mapInOrder(dates, READ_AT_ONCE, (day) => firstKeys(`${prefix}${day}/`, each, store)))
    objects.push(...ofDay);
  return readAll(objects, prefix, store);
}

/** The oldest day of a version's kept predictions whose days are not over; undefined if it has none. */
export async function oldestKeptDay(
  { model, version, keeping }: { readonly model: string; readonly version: number; readonly keeping: StoredKeeping },
  now: Date,
  store: ObjectStore,
): Promise<string | undefined> {
  const prefix = keptPrefix({ model, period: keeping.period, version });
  const { objects } = await store.list(prefix, { after: `${prefix}${firstDay(now, keeping.days)}`, limit: 1 });
  return objects[0] && parseKeptKey(objects[0].key)?.day;
}

async function firstKeys(prefix: string, most: number, store: ObjectStore): Promise<ObjectHead[]> {
  const found: ObjectHead[] = [];
  for await (const object of listKeys(store, prefix)) {
    if (found.length === most) break;
    found.push(object);
  }
  return found;
}

/**
 * Reads entries, without those that the garbage collector removes meanwhile, and without unreadable ones: they are a
 * sample, and one of them must not hide the others until it expires.
 */
async function readAll(objects: readonly ObjectHead[], prefix: string, store: ObjectStore): Promise<KeptEntry[]> {
  const entries: KeptEntry[] = [];
  const read = async (object: ObjectHead) => ({ object, stored: await store.get(object.key) });
  for await (const { object, stored } of mapInOrder(objects, READ_AT_ONCE, read)) {
    const prediction = stored && parseKept(object.key, stored.body);
    if (prediction !== undefined) entries.push({ id: idOf(object, prefix), prediction });
  }
  return entries;
}

function parseKept(key: string, body: Uint8Array): KeptPrediction | undefined {
  try {
    return decodeDocument(KeptPrediction, key, body).value;
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'DOCUMENT_UNREADABLE') return undefined;
    throw error;
  }
}

function idOf({ key }: ObjectHead, prefix: string): string {
  return key.slice(prefix.length, -'.json'.length);
}
