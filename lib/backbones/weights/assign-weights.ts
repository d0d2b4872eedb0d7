import { createHash } from 'node:crypto';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { DataError } from '../../errors.ts';
import { fileLayers, roleOf } from './file-layers.ts';
import { type ModelLayer, modelLayers } from './model-layers.ts';
import { writeWeight } from './model-weights.ts';
import { type LayerPair, type Pairing, pairLayers } from './pair-layers.ts';
import type { LayerWeights, NamedWeight, WeightFile } from './weight-file.ts';

/** Options of `assignWeights`. */
export interface AssignOptions {
  /**
   * Whether to ignore layers that only the file has, such as a top that the model lacks. In formats with an order,
   * only the last layers may be ignored.
   */
  readonly ignoreTop?: boolean;
}

/** The result of `assignWeights`. */
export interface Assigned {
  /** SHA-256, hexadecimal, of the assigned names, shapes and values, in the model's order. */
  readonly digest: string;
  /** Names of the ignored layers, in the order of the file. */
  readonly ignored: readonly string[];
}

/**
 * Assigns a file's values to every weight of a model. Layers are matched by name or position (pair-layers.ts).
 * Everything is checked before the first weight changes.
 * @throws DataError WEIGHTS_MISMATCH, naming the first layer and weight that do not fit
 */
export function assignWeights(model: LayersModel, file: WeightFile, { ignoreTop = false }: AssignOptions = {}): Assigned {
  const inFile = fileLayers(file);
  const pairing = pairLayers(modelLayers(model), inFile, file.format);
  const matches = pairing.pairs.flatMap(matchWeights);
  if (!ignoreTop) expectNothingLeft(pairing);
  else if (file.format === 'keras-h5') expectLast(pairing, inFile);
  for (const { variable, weight } of matches) writeWeight(variable, weight);
  return { digest: digestOf(matches), ignored: pairing.left.map(({ name }) => name) };
}

interface Match {
  readonly label: string;
  readonly variable: LayerVariable;
  readonly weight: NamedWeight;
}

function matchWeights({ layer, found }: LayerPair): Match[] {
  if (!found) throw mismatch(layer.name, shapesOf(layer), 'no such layer in the file');
  const ordered = inOrderOf(layer, found);
  if (ordered.length !== layer.variables.length) {
    throw mismatch(layer.name, shapesOf(layer), `${ordered.length} weights in ${found.path}`);
  }
  return layer.variables.map((variable, i) => {
    const weight = ordered[i];
    const label = `${layer.name}/${lastOf(variable.originalName)}`;
    if (!weight || JSON.stringify(weight.shape) !== JSON.stringify(variable.shape)) {
      throw mismatch(label, shapeText(variable.shape), `${shapeText(weight?.shape ?? [])} in ${weight?.path ?? found.path}`);
    }
    return { label, variable, weight };
  });
}

/**
 * Orders a layer's weights from the file as the model does: by their roles if both sides name all of them, else as
 * they are.
 */
function inOrderOf({ variables }: ModelLayer, { weights }: LayerWeights): readonly NamedWeight[] {
  const byRole = new Map(weights.map((weight) => [roleOf(weight.name), weight]));
  const find = (role: string | undefined) => byRole.get(role) ?? (role === 'depthwise_kernel' ? byRole.get('kernel') : undefined);
  const ordered = variables.flatMap(({ originalName }) => find(roleOf(originalName)) ?? []);
  return ordered.length === weights.length && byRole.size === weights.length ? ordered : weights;
}

function expectNothingLeft({ left }: Pairing): void {
  const [first] = left;
  if (!first) return;
  const names = left.map(({ name }) => name).join(', ');
  throw mismatch(first.name, 'no layers beyond those of the model', names, 'use the file without top, or leave its top aside');
}

function expectLast({ pairs, left }: Pairing, inFile: readonly LayerWeights[]): void {
  const [first] = left;
  const last = Math.max(...pairs.map(({ found }) => (found ? inFile.indexOf(found) : -1)));
  if (!first || inFile.indexOf(first) > last) return;
  throw mismatch(first.name, 'a layer of the model, for later layers of the file are', 'no such layer in the model');
}

function digestOf(matches: readonly Match[]): string {
  const digest = createHash('sha256');
  for (const { label, weight } of matches) {
    const { buffer, byteOffset, byteLength } = weight.data;
    digest.update(`${label} ${JSON.stringify(weight.shape)}\n`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return digest.digest('hex');
}

function shapesOf({ variables }: ModelLayer): string {
  return `weights ${variables.map(({ shape, originalName }) => `${lastOf(originalName)} [${shape.join(', ')}]`).join(', ')}`;
}

function shapeText(shape: readonly (number | null)[]): string {
  return `shape [${shape.join(', ')}]`;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function mismatch(at: string, expected: string, received: string, fix?: string): DataError {
  return new DataError('WEIGHTS_MISMATCH', {
    at,
    expected,
    received,
    fix: fix ?? 'use weights of this model, with the same width and top',
  });
}
