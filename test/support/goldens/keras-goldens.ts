import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { catalogue } from '../../../lib/backbones/catalogue.ts';
import type { GoldenImage } from './golden-images.ts';
import type { GoldenSummary } from './golden-summary.ts';

/** keras/<id>.json: what Keras computes of the two images, with weights that follow from their labels. */
export interface KerasGolden {
  readonly id: string;
  readonly model: string;
  readonly args: { readonly alpha?: number };
  readonly seedPrefix: string;
  readonly noTop: GoldenSection & { readonly mapShape: readonly number[] };
  readonly top?: GoldenSection;
}

export interface GoldenSection {
  readonly inputShape: readonly [number, number, number];
  readonly shifts: Readonly<Record<string, number>>;
  readonly params: { readonly total: number; readonly trainable: number; readonly nonTrainable: number };
  /** Layers, and besides them the bare operations that Graft builds as layers too. */
  readonly operations: number;
  readonly outputs: Readonly<Record<GoldenImage, GoldenSummary>>;
}

export type Section = 'noTop' | 'top';

/** One row of keras/<id>.layers.json.gz. */
export interface GoldenLayer {
  readonly name: string;
  readonly class: string;
  /** Without the batch. */
  readonly out: readonly number[];
  readonly weights?: readonly (readonly [name: string, shape: readonly number[]])[];
  /** Norm of the output for noise and gradient. */
  readonly l2: readonly [number, number];
  /** The layers of a nested model. */
  readonly children?: readonly Omit<GoldenLayer, 'l2'>[];
}

/** Every golden of a folder. */
export function readGoldens(folder: string): KerasGolden[] {
  const keras = join(folder, 'keras');
  const files = existsSync(keras)
    ? readdirSync(keras).filter((file) => file.endsWith('.json') && file !== 'weight-files.json')
    : [];
  return files.map((file) => JSON.parse(readFileSync(join(keras, file), 'utf8')));
}

/** The layers of one golden, where the folder has them. */
export function readGoldenLayers(folder: string, id: string): { noTop: GoldenLayer[]; top: GoldenLayer[] } | undefined {
  const file = join(folder, 'keras', `${id}.layers.json.gz`);
  return existsSync(file) ? JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) : undefined;
}

/** The catalogue's name for Keras's: `EfficientNetV2B0` is `efficientnet_v2_b0`. */
export function backboneName({ id, model }: KerasGolden): string {
  const row = catalogue.find(({ name }) => name.replaceAll('_', '') === model.toLowerCase());
  if (!row) throw new Error(`golden ${id}: the catalogue has no ${model}`);
  return row.name;
}

/** Nested models' layers in the place of the models, as Graft builds them. */
export function flatLayers(rows: readonly GoldenLayer[]): Omit<GoldenLayer, 'l2'>[] {
  return rows.flatMap((row) => row.children?.filter((child) => child.class !== 'InputLayer') ?? [row]);
}

export function sectionOf(golden: KerasGolden, section: Section): GoldenSection {
  const found = golden[section];
  if (!found) throw new Error(`golden ${golden.id} has no section ${section}`);
  return found;
}
