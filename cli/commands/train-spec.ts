import { readFile } from 'node:fs/promises';
import type { JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { nameFromPath } from '../../lib/datasets/source-name.ts';
import { SpecError, UsageError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import type { OwnOptions } from './own-backbone.ts';

/** What the flags of graft train say of the job. */
export interface SpecOptions extends OwnOptions {
  readonly dataset?: string;
  readonly name?: string;
  readonly spec?: string;
  readonly weights?: string;
  readonly strategy?: string;
  readonly freeze?: string;
  readonly head?: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly optimizer?: string;
  readonly learningRate?: number;
  readonly classWeights?: string;
  readonly seed?: number;
}

/** What was brought to the store for the job. */
export interface Imported {
  /** The data set's version. */
  readonly ref: string | undefined;
  /** A model of the user's own. */
  readonly own: JobSpecInput['backbone'];
}

/** What the flags and the spec file say together; a flag wins. */
export async function trainSpec(options: SpecOptions, { ref, own }: Imported, context: Context): Promise<JobSpecInput> {
  const file = options.spec === undefined ? {} : await readJson(options.spec);
  const dataset = ref ?? (file as { dataset?: string }).dataset;
  if (dataset === undefined) {
    throw new UsageError('DATASET_MISSING', {
      at: '--dataset',
      expected: 'the name of a data set or a folder',
      fix: 'graft train --dataset PATH --wait',
    });
  }
  const flags = {
    name: options.name,
    dataset: ref,
    backbone:
      own === undefined
        ? { name: options.backbone, inputSize: options.inputSize, weights: await weightsOf(options, context) }
        : { ...own, weights: options.weights },
    strategy: options.strategy,
    freeze: options.freeze === undefined ? undefined : freezeOf(options.freeze),
    head: options.head?.endsWith('.json') ? await readJson(options.head) : options.head,
    training: {
      optimizer: { name: options.optimizer, learningRate: options.learningRate },
      epochs: options.epochs,
      batchSize: options.batchSize,
      classWeights: options.classWeights,
      seed: options.seed,
    },
  };
  return merge(
    {
      name: nameFromPath(dataset.split(/[@:]/)[0] ?? dataset),
      ...(options.learningRate !== undefined && { training: { optimizer: { name: 'adam' } } }),
    },
    file,
    flags,
  ) as JobSpecInput;
}

/** `all`, `none`, a number of stages, or the stage or layer through which all is frozen. */
function freezeOf(text: string): unknown {
  if (text === 'all' || text === 'none') return text;
  return /^\d+$/.test(text) ? { stages: Number(text) } : { through: text };
}

/** A weight file is imported first; the spec then names its content. */
async function weightsOf({ weights, backbone = '' }: SpecOptions, { store }: Context): Promise<string | undefined> {
  if (weights === undefined || store === undefined || !/[./\\]/.test(weights)) return weights;
  const { importWeightFile } = await import('./weights.ts');
  return (await importWeightFile(weights, { backbone }, store)).sha256;
}

/** Later values win; undefined ones and empty objects say nothing. */
function merge(...layers: readonly unknown[]): unknown {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer as Record<string, unknown>)) {
      if (value === undefined) continue;
      const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
      const next = nested ? merge(merged[key] ?? {}, value) : value;
      if (nested && Object.keys(next as object).length === 0) continue;
      merged[key] = next;
    }
  }
  return merged;
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new UsageError('FILE_UNREADABLE', {
      at: path,
      expected: 'a file that can be read',
      received: cause.code,
      fix: 'check the path',
      cause,
    });
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SpecError('JSON_INVALID', {
      at: path,
      expected: 'a JSON document',
      received: String(cause),
      fix: 'mend the file',
      cause,
    });
  }
}
