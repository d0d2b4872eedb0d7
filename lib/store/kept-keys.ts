/**
 * Keys of kept predictions and of their images. Each day of a model version has as many slots as predictions are kept a
 * day. A prediction takes a slot by creating its object, so the limit holds without a counter, however many processes
 * write at once.
 */
import { storeKeys } from './store-keys.ts';

/** Digits of a slot. */
const DIGITS = 5;

export interface KeptKey {
  readonly model: string;
  /** Identifies the time in which keeping was on. */
  readonly period: string;
  readonly version: number;
  /** `2030-01-31`, in UTC. */
  readonly day: string;
  readonly slot: string;
}

/** The keys of the prediction in a slot, and of its image. */
export function keptKeys({ model, period, version, day, slot }: Omit<KeptKey, 'slot'> & { readonly slot: number | string }) {
  const suffix = `${model}/${period}/${version}/${day}/${`${slot}`.padStart(DIGITS, '0')}`;
  return { prediction: `${storeKeys.keptPredictions.prefix}${suffix}.json`, image: `${storeKeys.keptImages.prefix}${suffix}` };
}

/** The prefix of all predictions that a version has kept. */
export function keptPrefix({ model, period, version }: Pick<KeptKey, 'model' | 'period' | 'version'>): string {
  return `${storeKeys.keptPredictions.prefix}${model}/${period}/${version}/`;
}

const KEPT = new RegExp(
  `^(?:${storeKeys.keptPredictions.prefix}|${storeKeys.keptImages.prefix})([^/]+)/([^/]+)/([0-9]+)/([0-9]{4}-[0-9]{2}-[0-9]{2})/([0-9]+)(?:\\.json)?$`,
);

/** The parts of a key of a kept prediction or of its image; undefined for any other key. */
export function parseKeptKey(key: string): KeptKey | undefined {
  const [, model, period, version, day, slot] = KEPT.exec(key) ?? [];
  if (!model || !period || !version || !day || !slot) return undefined;
  return { model, period, version: Number(version), day, slot };
}

/** The day of a time, in UTC. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}

/** The first of the last `days` days up to a time, in UTC. */
export function firstDay(now: Date, days: number): string {
  return dayOf(new Date(now.getTime() - (days - 1) * 86_400_000));
}
