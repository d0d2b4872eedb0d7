import { backboneCost } from '../backbones/backbone-cost.ts';
import { backboneLayers } from '../backbones/backbone-layers.ts';
import type { CutCost } from '../backbones/count-costs.ts';
import type { BackboneSpec, FreezeSpec } from '../contracts/job-spec.ts';
import { SpecError } from '../errors.ts';
import { compileLayerPattern } from './layer-pattern.ts';

/** The frozen layers: all layers up to the cut, and single layers after it. */
export interface Frozen {
  /** The layer at whose output the trunk ends; undefined if no layer from the images on is frozen. */
  readonly cut: string | undefined;
  /** Names of layers that do not train, if they were named one by one. */
  readonly layers: ReadonlySet<string>;
}

/**
 * Resolves a `freeze` spec on a backbone. Whether a user's own model has the value that it names is checked where its
 * graph is read. Needs no TensorFlow, because it also checks a job at
 * submission.
 * @throws SpecError CUT_UNKNOWN, which lists the cuts; OWN_MODEL_FROZEN; FREEZE_STAGES; FREEZE_PATTERN; FREEZE_PATTERN_UNSUPPORTED
 */
export function resolveFreeze(freeze: FreezeSpec, backbone: BackboneSpec): Frozen {
  const { cuts, total } = backboneCost(backbone);
  const nothing = new Set<string>();
  if (freeze === 'all') return { cut: backbone.own?.output ?? total.layer, layers: nothing };
  if (freeze === 'none') return { cut: undefined, layers: nothing };
  if (backbone.own !== undefined) return { cut: ownCut(freeze), layers: nothing };
  if ('through' in freeze) return { cut: findCut(freeze.through, cuts).layer, layers: nothing };
  if ('stages' in freeze) return { cut: stageEnd(freeze.stages, cuts), layers: nothing };
  return resolvePattern(freeze.layers, backbone, cuts);
}

function ownCut(freeze: Exclude<FreezeSpec, string>): string {
  if ('through' in freeze) return freeze.through;
  throw new SpecError('OWN_MODEL_FROZEN', {
    at: 'freeze',
    expected: 'all, none, or a value of the graph: a model of your own has no stages or layers that Graft knows by name',
    received: freeze,
    fix: 'use freeze: {"through": "VALUE"}',
  });
}

function findCut(wanted: string, cuts: readonly CutCost[]): CutCost {
  const cut = cuts.find(({ name, layer }) => name === wanted || layer === wanted);
  if (cut !== undefined) return cut;
  throw new SpecError('CUT_UNKNOWN', {
    at: 'freeze.through',
    expected: `one of ${cuts.map(({ name, layer }) => (name === layer ? name : `${name} (${layer})`)).join(', ')}`,
    received: wanted,
    fix: 'name the stage, or its last layer',
  });
}

function stageEnd(stages: number, cuts: readonly CutCost[]): string | undefined {
  if (stages <= cuts.length) return stages === 0 ? undefined : cuts[stages - 1]?.layer;
  throw new SpecError('FREEZE_STAGES', { at: 'freeze.stages', expected: `0 to ${cuts.length}`, received: stages });
}

/** The cut is the end of the last stage up to which no layer trains. A BatchNormalization never trains, matched or not. */
function resolvePattern(text: string, { name }: BackboneSpec, cuts: readonly CutCost[]): Frozen {
  const matches = compileLayerPattern(text);
  const stages = backboneLayers(name);
  const all = stages.flatMap(({ trainable, normalizations, others }) => [...trainable, ...normalizations, ...others]);
  const layers = new Set(all.filter(matches));
  if (layers.size === 0) throw unmatched(text, cuts);
  const firstToTrain = stages.findIndex(({ trainable }) => trainable.some((layer) => !layers.has(layer)));
  return { cut: stages[(firstToTrain < 0 ? stages.length : firstToTrain) - 1]?.end, layers };
}

function unmatched(text: string, cuts: readonly CutCost[]): SpecError {
  return new SpecError('FREEZE_PATTERN', {
    at: 'freeze.layers',
    expected: 'a pattern that matches the names of layers',
    received: text,
    fix: `stages end with ${cuts.map(({ layer }) => layer).join(', ')}`,
  });
}
