/**
 * Where to cut a backbone and which layers train after the cut. The estimate, the plan and the training all use this.
 */
import { backboneCost, ownTrunkCost } from '../backbones/backbone-cost.ts';
import { backboneLayers } from '../backbones/backbone-layers.ts';
import type { CutCost } from '../backbones/count-costs.ts';
import { OWN_LAYER } from '../backbones/own/own-layer.ts';
import type { BackboneSpec, FreezeSpec, JobSpec } from '../contracts/job-spec.ts';
import type { OwnModel } from '../contracts/own-model.ts';
import { resolveFreeze } from './resolve-freeze.ts';

/**
 * The last map at this stride ends the layers that are useful for most images; later layers are specific to ImageNet's
 * classes.
 */
const EARLIER_STRIDE = 16;
/** Maps at this stride and finer ones hold edges, textures and small parts. */
const DEEPER_STRIDE = 8;

/**
 * Where trunk and tail meet: at the end of the backbone, before its first layer, or at the output of one of its layers.
 * `stages` is also the end, with a vector of all stages as features: the means of the maps of each stage, concatenated.
 */
export type CutAt = 'top' | 'images' | 'stages' | { readonly layer: string };

/** Names the layers after a cut, for the reason of a strategy. */
export function describeLayersAfter(cut: CutAt): string {
  return typeof cut === 'object' ? `the layers after ${cut.layer}` : 'all layers';
}

export type NamedStrategy = Exclude<JobSpec['strategy'], 'auto'>;

/** Who chose a plan: strategy `auto`, by evidence, or the user, by a named strategy, a `freeze` or effort `fast`. */
export type ChosenBy = 'auto' | 'user';

/**
 * What trains:
 * - `head`: a new head on the frozen features at the cut
 * - `stage-head`: a linear head, fitted in closed form to the frozen features of all stages
 * - `tail`: the layers after the cut with a new head, in one phase, as with Keras's `trainable`
 * - `head-then-tail`: a head on the frozen top features, and then the layers after the cut with it, so that its random
 *   initial weights do not damage them
 */
export type TrainedPart = 'head' | 'stage-head' | 'tail' | 'head-then-tail';

export interface CutPlan<Part extends TrainedPart = TrainedPart> {
  readonly name: NamedStrategy;
  readonly trains: Part;
  readonly cut: CutAt;
  /** Layers after the cut that stay frozen. */
  readonly frozen: ReadonlySet<string>;
}

/** What each strategy trains. */
const trainedBy = {
  'feature-extraction': 'head',
  'stage-features': 'stage-head',
  'earlier-features': 'head',
  'fine-tune-top': 'head-then-tail',
  'fine-tune-all': 'head-then-tail',
} as const satisfies Record<NamedStrategy, TrainedPart>;

/**
 * The plan of a strategy. @param stage of `earlier-features`: where the head begins; default: the last stage with a
 * fine map
 */
export function planNamed<Name extends NamedStrategy>(
  name: Name,
  backbone: BackboneSpec,
  stage?: string,
): CutPlan<(typeof trainedBy)[Name]> {
  return { name, trains: trainedBy[name], cut: cutNamed(name, backbone, stage), frozen: new Set() };
}

/**
 * The plan of a `freeze` spec: all layers after the cut train in one phase, as with Keras's `trainable`. @throws
 * SpecError as resolveFreeze
 */
export function planFreeze(freeze: FreezeSpec, backbone: BackboneSpec): CutPlan<'head' | 'tail'> {
  const { cut, layers: frozen } = resolveFreeze(freeze, backbone);
  if (cut === undefined) return { name: 'fine-tune-all', trains: 'tail', cut: 'images', frozen };
  if (cut === (backbone.own?.output ?? backboneCost(backbone).total.layer))
    return { name: 'feature-extraction', trains: 'head', cut: 'top', frozen };
  return { name: 'fine-tune-top', trains: 'tail', cut: { layer: cut }, frozen };
}

/**
 * The plan that strategy `auto` tries if full fine-tuning of the top stages is best; undefined if there is no earlier
 * cut.
 */
export function planDeeper(backbone: BackboneSpec): CutPlan<'head-then-tail'> | undefined {
  const cut = deeperCut(backboneCost(backbone).cuts);
  return cut && { ...planNamed('fine-tune-top', backbone), cut: { layer: cut.layer } };
}

/** Whether layers of the backbone train. */
export function hasTail({ trains }: Pick<CutPlan, 'trains'>): boolean {
  return trains === 'tail' || trains === 'head-then-tail';
}

/**
 * The cost of the frozen layers up to a cut; undefined if the cut is before the first layer. @throws SpecError as
 * backboneCost
 */
export function trunkCost({ cut }: Pick<CutPlan, 'cut'>, backbone: BackboneSpec): CutCost | undefined {
  const { cuts, total } = backboneCost(backbone);
  if (cut === 'images') return undefined;
  if (cut === 'top' || cut === 'stages') return total;
  return backbone.own === undefined ? cuts.find(({ layer }) => layer === cut.layer) : ownTrunkCost(total);
}

/** Whether layers of a user's own model train. @param spec without a search */
export function trainsOwnModel({ backbone, strategy, freeze }: Pick<JobSpec, 'backbone' | 'strategy' | 'freeze'>): boolean {
  if (backbone.own === undefined) return false;
  if (freeze !== undefined) return hasTail(planFreeze(freeze, backbone));
  return strategy !== 'auto' && hasTail(planNamed(strategy, backbone));
}

/** The layers of the backbone that train, by name, stage by stage from the images up. */
export function trainedStages(
  { cut, trains, frozen }: Pick<CutPlan, 'cut' | 'trains' | 'frozen'>,
  backbone: BackboneSpec,
): string[][] {
  if (!hasTail({ trains })) return [];
  if (backbone.own !== undefined) return [[OWN_LAYER]];
  const stages = backboneLayers(backbone.name);
  const first = typeof cut === 'object' ? stages.findIndex(({ end }) => end === cut.layer) + 1 : 0;
  return stages
    .slice(first)
    .map(({ trainable }) => trainable.filter((layer) => !frozen.has(layer)))
    .filter((layers) => layers.length > 0);
}

function cutNamed(name: NamedStrategy, backbone: BackboneSpec, stage: string | undefined): CutPlan['cut'] {
  if (name === 'feature-extraction') return 'top';
  if (name === 'stage-features') return 'stages';
  if (name === 'fine-tune-all') return 'images';
  if (backbone.own !== undefined) return ownCut(backbone.own);
  const { cuts } = backboneCost(backbone);
  const cut = cuts.find(({ name }) => name === stage) ?? earlierCut(cuts);
  return cut === undefined ? 'images' : { layer: cut.layer };
}

/** Where `fine-tune-top` cuts a user's own model: the job's resolved spec names the value. */
function ownCut({ cut }: OwnModel): CutPlan['cut'] {
  return cut === undefined ? 'images' : { layer: cut };
}

interface Cut {
  /** Pixels of the image per position of the map. */
  readonly stride: number;
}

/** Where `earlier-features` and `fine-tune-top` cut a backbone; undefined if its first map is already coarser. */
function earlierCut<At extends Cut>(cuts: readonly At[]): At | undefined {
  return lastAt(cuts, EARLIER_STRIDE);
}

/** Where `auto` cuts if training the layers after `earlierCut` is not enough; undefined if there is no such cut. */
function deeperCut<At extends Cut>(cuts: readonly At[]): At | undefined {
  return lastAt(cuts, DEEPER_STRIDE);
}

function lastAt<At extends Cut>(cuts: readonly At[], stride: number): At | undefined {
  return cuts.filter((cut) => cut.stride <= stride).at(-1);
}
