import { z } from 'zod';
import { BackboneSpec, CHOSEN_BACKBONE, type JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { referencedName } from '../../lib/contracts/reference.ts';
import { nameFromPath } from '../../lib/datasets/sources/source-name.ts';
import { UsageError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { openStoreOf } from '../store-of.ts';
import { checkFast, type FastOptions } from './check-fast.ts';
import type { OwnOptions } from './own-backbone.ts';
import { readJsonc, type SpecFile } from './read-spec.ts';

/** The flags of graft train for the job. */
export interface SpecOptions extends OwnOptions, FastOptions {
  readonly dataset?: string;
  readonly name?: string;
  readonly alpha?: number;
  readonly weights?: string;
  readonly backbonePrecision?: string;
  readonly crop?: boolean;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly optimizer?: string;
  readonly learningRate?: number;
  readonly classWeights?: string;
  readonly augment?: string;
  readonly seed?: number;
  readonly maxCost?: number;
  readonly maxMinutes?: number;
}

/** The values before the flags. */
export interface SpecDefaults {
  readonly file: SpecFile;
  /** The data set's version. */
  readonly ref: string | undefined;
  /** A model of the user's own. */
  readonly own: JobSpecInput['backbone'];
}

/**
 * Merges the spec file and the flags; a flag overrides the file.
 * @throws UsageError DATASET_MISSING; as checkFast
 */
export async function trainSpec(options: SpecOptions, { file, ref, own }: SpecDefaults, context: Context): Promise<JobSpecInput> {
  if (ref === undefined) {
    throw new UsageError('DATASET_MISSING', {
      at: '--dataset',
      expected: 'the name of a data set or a folder',
      fix: 'graft train --dataset PATH --wait',
    });
  }
  const head: unknown = options.head?.endsWith('.json') ? await readJsonc(options.head) : options.head;
  checkFast(options, head);
  const { alpha, inputSize, backbonePrecision: precision, crop: cropToAspectRatio } = options;
  const compared = comparedBackbones(options.backbone);
  const flags = {
    name: options.name,
    dataset: ref,
    backbone:
      own === undefined
        ? {
            ...(compared ?? { name: options.backbone }),
            alpha,
            inputSize,
            weights: await weightsOf(options, file, context),
            precision,
            cropToAspectRatio,
          }
        : { ...own, alpha, weights: options.weights, precision, cropToAspectRatio },
    strategy: options.strategy,
    effort: options.fast ? 'fast' : options.effort,
    freeze: options.freeze === undefined ? undefined : freezeOf(options.freeze),
    head,
    training: {
      optimizer: { name: options.optimizer, learningRate: options.learningRate },
      epochs: options.epochs,
      batchSize: options.batchSize,
      classWeights: options.classWeights,
      augment: options.augment,
      seed: options.seed,
    },
    compute: { maxCost: options.maxCost, maxMinutes: options.maxMinutes },
  };
  return merge(
    {
      name: nameFromPath(referencedName(ref)),
      ...(options.learningRate !== undefined && { training: { optimizer: { name: 'adam' } } }),
    },
    ofOptimizer(compared === undefined ? file : { ...file, backbone: undefined }, options.optimizer),
    flags,
  ) as JobSpecInput;
}

/** The backbone of a job that compares several: `auto`, or a list of names. @returns undefined for one name */
function comparedBackbones(backbone = ''): JobSpecInput['backbone'] {
  if (backbone === CHOSEN_BACKBONE) return { name: CHOSEN_BACKBONE };
  const names = backbone.split(',').map((name) => name.trim());
  return names.length === 1 ? undefined : { name: CHOSEN_BACKBONE, candidates: names.map((name) => ({ name })) };
}

/**
 * The spec without its optimizer if a flag names another one, because its learning rate and other members belong to
 * that optimizer.
 */
function ofOptimizer({ training, ...file }: SpecFile, name: string | undefined): SpecFile {
  const { optimizer, ...others } = training ?? {};
  const written = Named.catch({}).parse(optimizer).name;
  if (name === undefined || written === undefined || written === name) return { ...file, training };
  return { ...file, training: others };
}

/** `all`, `none`, a number of stages, or the last stage or layer to freeze. */
function freezeOf(text: string): unknown {
  if (text === 'all' || text === 'none') return text;
  return /^\d+$/.test(text) ? { stages: Number(text) } : { through: text };
}

/** The members of a backbone or optimizer that this command reads; the API validates the others. */
const Named = z.object({ name: z.string(), alpha: z.number() }).partial();

/** Imports a weight file first; the spec then names its content. */
async function weightsOf(options: SpecOptions, file: SpecFile, context: Context): Promise<string | undefined> {
  const { weights } = options;
  if (weights === undefined || !/[./\\]/.test(weights)) return weights;
  const named = Named.catch({}).parse(file.backbone);
  const backbone = options.backbone ?? named.name ?? BackboneSpec.parse({}).name;
  const alpha = options.alpha ?? named.alpha;
  const { importWeightFile } = await import('./weights.ts');
  return (await importWeightFile(weights, { backbone, alpha }, await openStoreOf(context))).sha256;
}

/** Merges objects; later values override earlier ones, except undefined values and empty objects. */
function merge(...layers: readonly object[]): object {
  const merged: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer)) {
      if (value === undefined) continue;
      const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
      const next: unknown = nested ? merge(asObject(merged[key]), value) : value;
      if (nested && Object.keys(Object(next)).length === 0) continue;
      merged[key] = next;
    }
  }
  return merged;
}

/** The members of an object to merge into; none if it is not an object. */
function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
