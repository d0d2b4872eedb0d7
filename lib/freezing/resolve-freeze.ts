import type { Backbone, Cut } from '../backbones/build-backbone.ts';
import type { FreezeSpec } from '../contracts/job-spec.ts';
import { SpecError } from '../errors.ts';

/** What stays as it is: everything up to the cut, and single layers behind it. */
export interface Frozen {
  /** The layer at whose output the trunk ends; undefined where nothing is frozen from the images on. */
  readonly cut: string | undefined;
  /** Layers behind the cut that do not train either. */
  readonly layers: ReadonlySet<string>;
}

type NamedCut = Pick<Cut, 'name' | 'layer'>;
type Stages = Pick<Backbone, 'cuts' | 'model'>;

/**
 * What a user wants frozen, on this backbone.
 * @throws SpecError CUT_UNKNOWN, listing those that exist; FREEZE_STAGES; FREEZE_PATTERN
 */
export function resolveFreeze(freeze: FreezeSpec, backbone: Stages): Frozen {
  const { cuts, model } = backbone;
  const nothing = new Set<string>();
  if (freeze === 'all') return { cut: cuts.at(-1)?.layer, layers: nothing };
  if (freeze === 'none') return { cut: undefined, layers: nothing };
  if ('through' in freeze) return { cut: findCut(freeze.through, cuts).layer, layers: nothing };
  if ('stages' in freeze) return { cut: stageEnd(freeze.stages, cuts), layers: nothing };
  const matches = pattern(freeze.layers);
  const frozen = new Set(model.layers.map(({ name }) => name).filter((name) => matches.test(name)));
  if (frozen.size === 0) throw unmatched(freeze.layers, cuts);
  return { cut: deepestCut(frozen, backbone), layers: frozen };
}

/**
 * What can be said of a cut before the layers are there.
 * @throws SpecError CUT_UNKNOWN, FREEZE_STAGES
 */
export function checkCut(freeze: FreezeSpec, cuts: readonly NamedCut[]): void {
  if (typeof freeze !== 'object') return;
  if ('through' in freeze) findCut(freeze.through, cuts);
  if ('stages' in freeze) stageEnd(freeze.stages, cuts);
}

function findCut(wanted: string, cuts: readonly NamedCut[]): NamedCut {
  const cut = cuts.find(({ name, layer }) => name === wanted || layer === wanted);
  if (cut !== undefined) return cut;
  throw new SpecError('CUT_UNKNOWN', {
    at: 'freeze.through',
    expected: `one of ${cuts.map(({ name, layer }) => (name === layer ? name : `${name} (${layer})`)).join(', ')}`,
    received: wanted,
    fix: 'name the stage or the layer that ends it',
  });
}

function stageEnd(stages: number, cuts: readonly NamedCut[]): string | undefined {
  if (stages <= cuts.length) return stages === 0 ? undefined : cuts[stages - 1]?.layer;
  throw new SpecError('FREEZE_STAGES', { at: 'freeze.stages', expected: `0 to ${cuts.length}`, received: stages });
}

/** The last cut with nothing before it that trains. Layers without weights do not count. */
function deepestCut(frozen: ReadonlySet<string>, { cuts, model }: Stages): string | undefined {
  const firstToTrain = model.layers.findIndex(({ name, weights }) => weights.length > 0 && !frozen.has(name));
  const before = new Set(model.layers.slice(0, firstToTrain < 0 ? undefined : firstToTrain).map(({ name }) => name));
  return cuts.filter(({ layer }) => before.has(layer)).at(-1)?.layer;
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch (cause) {
    throw new SpecError('FREEZE_PATTERN', { at: 'freeze.layers', expected: 'a regular expression', received: text, cause });
  }
}

function unmatched(text: string, cuts: readonly Cut[]): SpecError {
  return new SpecError('FREEZE_PATTERN', {
    at: 'freeze.layers',
    expected: 'a pattern that matches the names of layers',
    received: text,
    fix: `stages end with ${cuts.map(({ layer }) => layer).join(', ')}`,
  });
}
