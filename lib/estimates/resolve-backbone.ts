import { isDeepStrictEqual } from 'node:util';
import type { BackboneVariant } from '../backbones/catalogue/backbone-row.ts';
import { defaultWeights, namedSources } from '../backbones/default-weights.ts';
import { checkInputSize, findRow, findVariant } from '../backbones/find-row.ts';
import { findAvailable } from '../backbones/list-backbones.ts';
import type { WantedCut } from '../backbones/own/choose-cut.ts';
import { sizeOfOwnModel } from '../backbones/own/own-store.ts';
import { findOwnCut, type ReadTrainable } from '../backbones/own/read-trainable.ts';
import { type CandidateBackbone, CHOSEN_BACKBONE, type JobSpec, MOST_CANDIDATES } from '../contracts/job-spec.ts';
import type { OwnModel } from '../contracts/own-model.ts';
import { SpecError } from '../errors.ts';
import { trainsOwnModel } from '../freezing/cut-plan.ts';
import { resolveFreeze } from '../freezing/resolve-freeze.ts';
import { checkHead } from '../heads/check-head.ts';
import type { ObjectStore } from '../ports.ts';
import { resolveVersion, versionRef } from './resolve-version.ts';

/** What is known of the models of a job's trials, or of a job that is retried. */
export interface KnownModels {
  /** The model of the resolved spec: the version whose graph it is may be deleted by now. */
  readonly resolved?: OwnModel | undefined;
  readonly readTrainable?: ReadTrainable;
}

/**
 * Writes out a spec's backbone: its width, input size and weights, or the candidates to compare. A user's own model
 * also determines the strategy.
 * @throws SpecError or NotFoundError, which names the invalid member
 */
export async function resolveBackbone(
  spec: JobSpec,
  store: ObjectStore,
  known: KnownModels = {},
): Promise<Pick<JobSpec, 'backbone' | 'strategy'>> {
  const { own, name } = spec.backbone;
  const ref = versionRef(spec.backbone);
  if (ref !== undefined && !isResolved(own, known)) {
    const backbone = await resolveVersion(ref, spec.backbone, store);
    return ofOwnModel(backbone.own, { ...spec, backbone }, store, known);
  }
  if (own !== undefined) return ofOwnModel(own, spec, store, known);
  return name === CHOSEN_BACKBONE ? ofCandidates(spec, store) : ofCatalogue(spec);
}

/** @throws SpecError SEARCH_OVER_BACKBONES; as ofCatalogue, for each candidate */
async function ofCandidates(spec: JobSpec, store: ObjectStore): Promise<Pick<JobSpec, 'backbone' | 'strategy'>> {
  const searched = Object.keys(spec.search?.over ?? {}).find((path) => path.split('.')[0] === 'backbone');
  if (searched !== undefined) {
    throw new SpecError('SEARCH_OVER_BACKBONES', {
      at: `search.over.${searched}`,
      expected: 'a search that leaves the backbone as it is: with the name "auto", the job compares backbones before it searches',
      received: searched,
      fix: 'leave it out, or name one backbone',
    });
  }
  const { candidates, inputSize } = spec.backbone;
  const compared = candidates ?? (await candidatesFor(inputSize, store));
  const resolved = compared.map((candidate, i) => ofCandidate({ inputSize, ...candidate }, i, spec));
  // Keras's spelling of a name, or a default that is written out, may name a backbone twice.
  const distinct = [...new Map(resolved.map((backbone) => [JSON.stringify(backbone), backbone])).values()];
  return { backbone: { name: CHOSEN_BACKBONE, candidates: distinct, ...sharedBy(spec.backbone) }, strategy: spec.strategy };
}

/** The available backbones that take images of this size: the smallest ones, if there are many; all, if none does. */
async function candidatesFor(inputSize: JobSpec['backbone']['inputSize'], store: ObjectStore): Promise<CandidateBackbone[]> {
  const [height, width] = typeof inputSize === 'number' ? [inputSize, inputSize] : (inputSize ?? []);
  const smaller = Math.min(height ?? Number.POSITIVE_INFINITY, width ?? Number.POSITIVE_INFINITY);
  const available = await findAvailable(store);
  const fitting = available.filter(({ name }) => findRow(name).inputSize.minimum <= smaller);
  return (fitting.length > 0 ? fitting : available).slice(0, MOST_CANDIDATES);
}

/** @throws SpecError as ofCatalogue, at the candidate's member */
function ofCandidate(candidate: CandidateBackbone, index: number, spec: JobSpec): CandidateBackbone {
  try {
    return ofCatalogue({ ...spec, backbone: candidate }).backbone;
  } catch (error) {
    if (!(error instanceof SpecError) || error.at === undefined) throw error;
    const { code, expected, received, fix } = error;
    const at = error.at.replace(/^backbone\./, `backbone.candidates.${index}.`);
    throw new SpecError(code, { at, received, ...(expected !== undefined && { expected }), ...(fix !== undefined && { fix }) });
  }
}

function ofCatalogue({ backbone, strategy, freeze, head }: JobSpec): Pick<JobSpec, 'backbone' | 'strategy'> {
  const row = findRow(backbone.name);
  const variant = findVariant(row, backbone.alpha);
  const inputSize = checkInputSize(row, backbone.inputSize);
  checkHead(head);
  if (freeze !== undefined) resolveFreeze(freeze, backbone);
  const weights = weightsOf(backbone, variant);
  return { backbone: { name: row.name, alpha: variant.alpha, inputSize, weights, ...sharedBy(backbone) }, strategy };
}

/** The members that concern every backbone. */
function sharedBy({
  precision,
  cropToAspectRatio,
}: JobSpec['backbone']): Pick<JobSpec['backbone'], 'precision' | 'cropToAspectRatio'> {
  return {
    ...(precision !== undefined && { precision }),
    ...(cropToAspectRatio !== undefined && { cropToAspectRatio }),
  };
}

/**
 * A user's own model outputs vectors, so every head fits. It stays frozen, unless a strategy or a freeze that the user
 * names trains its layers: then the graph is read, and the value at which it is cut is written out.
 * @throws SpecError OWN_MODEL_FROZEN; as findOwnCut
 */
async function ofOwnModel(
  own: OwnModel,
  spec: JobSpec,
  store: ObjectStore,
  known: KnownModels,
): Promise<Pick<JobSpec, 'backbone' | 'strategy'>> {
  const { backbone, strategy, freeze, effort } = spec;
  if (strategy === 'earlier-features') {
    throw new SpecError('OWN_MODEL_FROZEN', {
      at: 'strategy',
      expected: 'feature-extraction, fine-tune-top or fine-tune-all: Graft knows no stages of a model of your own',
      received: strategy,
      fix:
        own.version === undefined
          ? 'name another output as the features: --own-output NAME'
          : 'leave the strategy out, or use fine-tune-top',
    });
  }
  if (effort === 'best') {
    throw new SpecError('OWN_MODEL_FROZEN', {
      at: 'effort',
      expected: 'auto or fast: effort best fine-tunes stages, and Graft knows no stages of a model of your own',
      received: effort,
      fix: 'leave it out; strategy fine-tune-top or fine-tune-all trains layers of the model',
    });
  }
  await sizeOfOwnModel(own, store);
  if (trainsOwnModel(spec)) {
    const cut = await findOwnCut(wantedCut(own, spec), { own, inputSize: backbone.inputSize }, store, known.readTrainable);
    return { backbone: freeze === undefined && strategy === 'fine-tune-top' ? withCut(own, backbone, cut) : backbone, strategy };
  }
  if (freeze !== undefined) return { backbone, strategy };
  return { backbone, strategy: effort === 'fast' || strategy === 'stage-features' ? 'stage-features' : 'feature-extraction' };
}

/** Whether a trial's model is that of the job's spec, but for the cut. */
function isResolved(own: OwnModel | undefined, { resolved }: KnownModels): boolean {
  if (own === undefined || resolved === undefined) return false;
  return isDeepStrictEqual({ ...own, cut: undefined }, { ...resolved, cut: undefined });
}

function wantedCut({ cut }: OwnModel, { strategy, freeze }: JobSpec): WantedCut {
  if (typeof freeze === 'object' && 'through' in freeze) return { through: freeze.through, at: 'freeze.through' };
  if (freeze !== undefined || strategy === 'fine-tune-all') return 'all';
  return cut === undefined ? 'top' : { through: cut, at: 'backbone.own.cut' };
}

function withCut({ cut: _, ...own }: OwnModel, backbone: JobSpec['backbone'], cut: string | undefined): JobSpec['backbone'] {
  return { ...backbone, own: { ...own, ...(cut !== undefined && { cut }) } };
}

/** @returns a named source, or the SHA-256 of a file in the store */
function weightsOf({ name, weights }: JobSpec['backbone'], variant: BackboneVariant): string {
  const chosen = weights ?? defaultWeights(variant);
  const bundled = variant.bundled !== undefined;
  // The weights in the package are ImageNet's too: a spec of another backbone works with this name as it is.
  if (chosen === 'imagenet' && bundled && !variant.files.some(({ top }) => !top)) return 'bundled';
  if (/^[0-9a-f]{64}$/.test(chosen) || namedSources.some((source) => source === chosen && (bundled || source !== 'bundled')))
    return chosen;
  throw new SpecError('WEIGHTS_UNKNOWN', {
    at: 'backbone.weights',
    expected: `${bundled ? 'bundled, ' : ''}imagenet, imported, none, or the SHA-256 of an imported file`,
    received: chosen,
    fix: bundled ? 'leave it out' : `leave it out for ImageNet weights from ${name}'s official address`,
  });
}
