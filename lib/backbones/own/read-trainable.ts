import type { Dims } from '../../autodiff/infer-shapes.ts';
import type { BackboneSpec } from '../../contracts/job-spec.ts';
import type { OwnModel } from '../../contracts/own-model.ts';
import type { ObjectStore } from '../../ports.ts';
import { chooseCut, type WantedCut } from './choose-cut.ts';
import { eachNode } from './encoder.ts';
import { sizeOfOwnModel } from './own-store.ts';
import { type EncoderGraph, readGraph } from './read-graph.ts';
import { readOwnGraph } from './read-own-graph.ts';
import { checkTrainableNodes, checkTrainableSize } from './size-limit.ts';
import { toTrainableGraph } from './trainable-graph.ts';

/** A backbone spec with a user's own model. */
export type OwnBackboneSpec = Pick<BackboneSpec, 'inputSize'> & { readonly own: OwnModel };

/** An encoder that can be cut and trained, at opset 20. */
export interface TrainableEncoder extends EncoderGraph {
  /** Shapes of its values; null stands for the batch. */
  readonly shapes: ReadonlyMap<string, Dims>;
  /** As the user wrote it. */
  readonly original: EncoderGraph['encoder'];
}

/**
 * Reads an imported model as an encoder that can be cut. Does not run it.
 * @throws as readOwnGraph, readGraph and checkTrainableNodes
 */
export async function readTrainable({ own, inputSize }: OwnBackboneSpec, store: ObjectStore): Promise<TrainableEncoder> {
  const { bytes, settings } = await readOwnGraph(own, store);
  const graph = readGraph(bytes, { ...settings, inputSize });
  checkTrainableNodes([...eachNode(graph.encoder.nodes)].length);
  const { layout, inputSize: sides } = graph.input;
  const trainable = toTrainableGraph(graph.encoder, layout === 'NCHW' ? [3, ...sides] : [...sides, 3]);
  return { ...graph, ...trainable, original: graph.encoder };
}

/** Reads as `readTrainable`. */
export type ReadTrainable = typeof readTrainable;

/** Reads each model once, for all trials of a search. */
export function readTrainableOnce(): ReadTrainable {
  const known = new Map<string, Promise<TrainableEncoder>>();
  return (spec, store) => {
    const { cut: _, ...own } = spec.own;
    const key = JSON.stringify({ own, inputSize: spec.inputSize });
    const reading = known.get(key) ?? readTrainable(spec, store);
    known.set(key, reading);
    return reading;
  };
}

/**
 * Finds the value at which a user's own model is cut.
 * @returns the value's name; undefined for the images, so that all layers train
 * @throws SpecError as chooseCut; as checkTrainableSize and readTrainable
 */
export async function findOwnCut(
  wanted: WantedCut,
  spec: OwnBackboneSpec,
  store: ObjectStore,
  read: ReadTrainable = readTrainable,
): Promise<string | undefined> {
  checkTrainableSize(await sizeOfOwnModel(spec.own, store));
  const graph = await read(spec, store);
  const value = chooseCut(wanted, graph);
  return value === graph.encoder.images.name ? undefined : value;
}
