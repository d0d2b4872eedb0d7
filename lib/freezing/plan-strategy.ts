import type { Backbone } from '../backbones/build-backbone.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { Dataset } from '../datasets/dataset-store.ts';
import { resolveFreeze } from './resolve-freeze.ts';

/** Where trunk and tail meet: at the backbone's end, before its first layer, or at the output of one of its layers. */
export type CutAt = 'top' | 'images' | { readonly layer: string };

/** What is frozen, what trains, and why. */
export interface Plan {
  readonly name: string;
  readonly cut: CutAt;
  /** Whether the layers behind the cut train, too; otherwise a head is trained on the features at the cut. */
  readonly tail: boolean;
  /** Layers behind the cut that stay as they are. */
  readonly frozen: ReadonlySet<string>;
  /** Whether a head is trained on frozen features first, so that its random beginning does not spoil the tail. */
  readonly warmUp: boolean;
  readonly reason: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/** Below this many images a class, a data set is small: training more than a head learns the images by heart. */
const SMALL = 1000;
/** The last map at this scale ends the layers that most images have in common; behind it a backbone knows its own classes. */
const EARLIER_STRIDE = 16;

/**
 * What to freeze. A strategy is one of the four cases (little or much data, like or unlike what the backbone was trained on);
 * `freeze` names a cut instead, and then all behind it trains in one phase, as a Keras user would do it.
 * @param backbone called only where its layers must be known
 * @throws SpecError as resolveFreeze
 */
export function planStrategy(spec: JobSpec, dataset: Dataset, backbone: () => Backbone): Plan {
  const perClass = Math.floor(dataset.rows.length / dataset.labels.length);
  const evidence = { images: dataset.rows.length, classes: dataset.labels.length, imagesPerClass: perClass };
  const base = { tail: false, warmUp: false, frozen: new Set<string>(), evidence };
  if (spec.freeze !== undefined) return planFreeze(spec.freeze, backbone(), evidence);
  switch (spec.strategy) {
    case 'earlier-features':
      return {
        ...base,
        name: spec.strategy,
        cut: earlierCut(backbone()),
        reason:
          'As asked: a head on the features of an earlier stage, which know less of the classes that the backbone was trained on.',
      };
    case 'fine-tune-top':
      return {
        ...base,
        name: spec.strategy,
        cut: earlierCut(backbone()),
        tail: true,
        warmUp: true,
        reason: 'As asked: a head first, then the top stages with it at a lower rate.',
      };
    case 'fine-tune-all':
      return {
        ...base,
        name: spec.strategy,
        cut: 'images',
        tail: true,
        reason: 'As asked: every layer trains, from the pretrained weights on.',
      };
    default: {
      const size = perClass < SMALL ? 'little' : 'much';
      return {
        ...base,
        name: 'feature-extraction',
        cut: 'top',
        reason: `All layers stay frozen and a head is trained on their features: with ${perClass} images a class there is ${size} data, and a frozen backbone cannot overfit.`,
      };
    }
  }
}

function planFreeze(freeze: NonNullable<JobSpec['freeze']>, backbone: Backbone, evidence: Plan['evidence']): Plan {
  const { cut, layers } = resolveFreeze(freeze, backbone);
  const top = backbone.cuts.at(-1)?.layer;
  const shared = { frozen: layers, warmUp: false, evidence, reason: 'As asked: what was named stays frozen, the rest trains.' };
  if (cut !== undefined && cut === top) return { ...shared, name: 'feature-extraction', cut: 'top', tail: false };
  if (cut === undefined) return { ...shared, name: 'fine-tune-all', cut: 'images', tail: true };
  return { ...shared, name: 'fine-tune-top', cut: { layer: cut }, tail: true };
}

function earlierCut({ cuts }: Backbone): CutAt {
  const cut = cuts.filter(({ stride }) => stride <= EARLIER_STRIDE).at(-1);
  return cut === undefined ? 'images' : { layer: cut.layer };
}
