import { z } from 'zod';
import { parseContract } from '../../lib/contracts/explain/contract-error.ts';
import { CHOSEN_BACKBONE, JobSpec, type JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { requireModelName } from '../../lib/contracts/model-name.ts';
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
  /** A model of the user's own. */
  readonly own: JobSpecInput['backbone'];
}

/** A job spec before its data set is imported. Without a name, the model gets that of the data set. */
const UnassignedSpec = JobSpec.omit({ dataset: true }).partial({ name: true });
type UnassignedSpec = z.input<typeof UnassignedSpec>;

/** Members of a backbone that only one of the catalogue has. */
const OF_CATALOGUE = ['alpha', 'weights'];
/** Members of a backbone that only a comparison or a model of the user's own has. */
const OF_OTHERS = ['candidates', 'own'];

/** An object of the spec file, which has not been validated. */
type Section = Readonly<Record<string, unknown>> | undefined;

/**
 * Merges the spec file and the flags, where a flag overrides the file, and validates the result. Needs no data set, so
 * that a wrong command line fails before an import.
 * @throws SpecError REQUEST_INVALID, UNKNOWN_KEY, MODEL_NAME_RESERVED; UsageError USAGE; as importWeightFile
 */
export async function trainSpec(options: SpecOptions, { file, own }: SpecDefaults, context: Context): Promise<UnassignedSpec> {
  const head: unknown = isPath(options.head) ? await readJsonc(options.head) : options.head;
  checkFast(options, head);
  const { name, strategy, maxCost, maxMinutes } = options;
  const spec: unknown = withFlags(withoutMembers(file, ['dataset']), {
    name,
    backbone: own === undefined ? withBackboneFlags(file.backbone, options) : withOwnBackbone(file.backbone, own, options),
    strategy,
    effort: options.fast ? 'fast' : options.effort,
    freeze: options.freeze === undefined ? undefined : freezeOf(options.freeze),
    head,
    training: withTrainingFlags(file.training, options),
    compute: withFlags(file.compute, { maxCost, maxMinutes }),
  });
  checkSpec(spec);
  if (spec.name !== undefined) requireModelName(spec.name);
  return withWeightFile(spec, options.weights, context);
}

/** Whether the value of a flag is the path of a file, and not one of its words. */
function isPath(text: string | undefined): text is string {
  return text !== undefined && /[./\\]/.test(text);
}

/** The members of a section, overridden by the flags that are given. @returns undefined if there is neither */
function withFlags(section: Section, flags: Readonly<Record<string, unknown>>): Section {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  return section === undefined && given.length === 0 ? undefined : { ...section, ...Object.fromEntries(given) };
}

/** Another backbone than the file's keeps the members that such a backbone can have, too. */
function withBackboneFlags(file: Section, options: SpecOptions): Section {
  const { backbone = '', alpha, inputSize, weights, backbonePrecision: precision, crop: cropToAspectRatio } = options;
  const flags = { alpha, inputSize, weights, precision, cropToAspectRatio };
  if (backbone === '' || (backbone === file?.name && backbone !== CHOSEN_BACKBONE)) return withFlags(file, flags);
  const compared = comparedBackbones(backbone);
  if (compared !== undefined) return withFlags({ ...withoutMembers(file, [...OF_OTHERS, ...OF_CATALOGUE]), ...compared }, flags);
  return withFlags(withoutMembers(file, OF_OTHERS), { name: backbone, ...flags });
}

/** As withBackboneFlags, with a model that was imported, which already has the input size of the flags. */
function withOwnBackbone(file: Section, own: SpecDefaults['own'], options: SpecOptions): Section {
  const { alpha, weights, backbonePrecision: precision, crop: cropToAspectRatio } = options;
  return withFlags(
    { ...withoutMembers(file, [...OF_OTHERS, ...OF_CATALOGUE]), ...own },
    { alpha, weights, precision, cropToAspectRatio },
  );
}

function withoutMembers(section: Section = {}, names: readonly string[]): NonNullable<Section> {
  return Object.fromEntries(Object.entries(section).filter(([name]) => !names.includes(name)));
}

/** The backbone of a job that compares several: `auto`, or a list of names. @returns undefined for one name */
function comparedBackbones(backbone: string): JobSpecInput['backbone'] {
  if (backbone === CHOSEN_BACKBONE) return { name: CHOSEN_BACKBONE };
  const names = backbone.split(',').map((name) => name.trim());
  // Earlier versions of the API take no list of names.
  return names.length === 1 ? undefined : { name: CHOSEN_BACKBONE, candidates: names.map((name) => ({ name })) };
}

function withTrainingFlags(file: Section, options: SpecOptions): Section {
  const { epochs, batchSize, classWeights, augment, seed } = options;
  const optimizer = withOptimizerFlags(file?.optimizer, options);
  return withFlags(file, { optimizer, epochs, batchSize, classWeights, augment, seed });
}

const Optimizer = z.looseObject({ name: z.string().optional() });

/**
 * Another optimizer than the file's replaces it, because the learning rate and other members belong to that one.
 * @returns undefined without a flag
 */
function withOptimizerFlags(file: unknown, { optimizer: name, learningRate }: SpecOptions): unknown {
  if (name === undefined && learningRate === undefined) return undefined;
  const { success, data: written = {} } = Optimizer.optional().safeParse(file);
  // The check of the spec refuses it.
  if (!success && name === undefined) return file;
  const isAnother = name !== undefined && written.name !== undefined && written.name !== name;
  return withFlags({ name: 'adam', ...(isAnother ? {} : written) }, { name, learningRate });
}

/** `all`, `none`, a number of stages, or the last stage or layer to freeze. */
function freezeOf(text: string): unknown {
  if (text === 'all' || text === 'none') return text;
  return /^\d+$/.test(text) ? { stages: Number(text) } : { through: text };
}

/** @throws SpecError REQUEST_INVALID, UNKNOWN_KEY */
function checkSpec(spec: unknown): asserts spec is UnassignedSpec {
  // The spec stays as the user wrote it, because the API fills in the defaults.
  parseContract(UnassignedSpec, spec, { page: 'docs/job-spec.md' });
}

/** Imports the weight file of `--weights`, if it names one; the spec then names its content. */
async function withWeightFile(spec: UnassignedSpec, weights: string | undefined, context: Context): Promise<UnassignedSpec> {
  if (!isPath(weights)) return spec;
  const { name: backbone, alpha } = UnassignedSpec.parse(spec).backbone;
  const { importWeightFile } = await import('./weights.ts');
  const { sha256 } = await importWeightFile(weights, { backbone, alpha }, await openStoreOf(context));
  return { ...spec, backbone: { ...spec.backbone, weights: sha256 } };
}
