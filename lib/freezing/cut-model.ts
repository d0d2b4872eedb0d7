import * as tfl from '@tensorflow/tfjs-layers';
import { RuntimeError, SpecError } from '../errors.ts';
import { tensorsInOrder } from '../tensor/layer-graph.ts';

/** A model in two parts that share its layers. */
export interface CutModel {
  /** From the images to the output of the layer at the cut. */
  readonly trunk: tfl.LayersModel;
  /** From there to the model's output; undefined if nothing follows. */
  readonly tail: tfl.LayersModel | undefined;
}

/**
 * Cuts a model at the output of a layer. TF.js cannot start a model in the middle, so the layers after the cut are
 * called again on a new input. They keep their names and weights.
 * @throws SpecError CUT_UNKNOWN; CUT_BYPASSED if a connection bypasses the layer
 */
export function cutModel(model: tfl.LayersModel, layerName: string): CutModel {
  const cut = outputAt(model, layerName);
  const output = sole(model.outputs, model.name);
  return {
    trunk: tfl.model({ inputs: model.inputs, outputs: cut }),
    tail: output === cut ? undefined : tailFrom(cut, output),
  };
}

/** Returns the output of a layer. @throws SpecError CUT_UNKNOWN */
export function outputAt(model: tfl.LayersModel, layerName: string): tfl.SymbolicTensor {
  const layer = model.layers.find(({ name }) => name === layerName);
  if (layer === undefined) {
    throw new SpecError('CUT_UNKNOWN', { at: 'freeze.through', expected: `a layer of ${model.name}`, received: layerName });
  }
  // The first output: an earlier cut of the same model may have called the layer again.
  return sole([layer.getOutputAt(0)].flat(), layerName);
}

/** Puts a head on a tail. @returns one model from the features at the cut to the logits */
export function stack(tail: tfl.LayersModel | undefined, head: tfl.LayersModel): tfl.LayersModel {
  if (tail === undefined) return head;
  return tfl.model({ inputs: tail.inputs, outputs: symbolic(head.apply(tail.outputs), head.name) });
}

function tailFrom(cut: tfl.SymbolicTensor, output: tfl.SymbolicTensor): tfl.LayersModel {
  const start = tfl.input({ shape: cut.shape.slice(1), name: 'features' });
  return tfl.model({ inputs: start, outputs: continueFrom(cut, start, [output]) });
}

/**
 * Calls the layers after a cut again.
 * @param cut their input so far
 * @param start their new input, of the same shape
 * @returns the new outputs, in the order of the old ones
 * @throws SpecError CUT_BYPASSED
 */
export function continueFrom(
  cut: tfl.SymbolicTensor,
  start: tfl.SymbolicTensor,
  outputs: readonly tfl.SymbolicTensor[],
): tfl.SymbolicTensor[] {
  const again = new Map([[cut.id, start]]);
  for (const tensor of tensorsInOrder(outputs, [cut])) {
    if (tensor.inputs.length === 0) bypassed(tensor.sourceLayer.name);
    const inputs = tensor.inputs.map((input) => again.get(input.id) ?? bypassed(tensor.sourceLayer.name));
    const [only] = inputs;
    again.set(
      tensor.id,
      symbolic(tensor.sourceLayer.apply(inputs.length === 1 && only ? only : inputs), tensor.sourceLayer.name),
    );
  }
  return outputs.map(({ id, sourceLayer }) => again.get(id) ?? bypassed(sourceLayer.name));
}

function sole(tensors: readonly tfl.SymbolicTensor[], name: string): tfl.SymbolicTensor {
  const [only] = tensors;
  if (only !== undefined && tensors.length === 1) return only;
  throw new RuntimeError('MODEL_OUTPUTS', { at: name, expected: 'one output', received: tensors.length });
}

function symbolic(output: unknown, name: string): tfl.SymbolicTensor {
  if (output instanceof tfl.SymbolicTensor) return output;
  throw new RuntimeError('MODEL_OUTPUTS', { at: name, expected: 'one symbolic output', received: typeof output });
}

function bypassed(layer: string): never {
  throw new SpecError('CUT_BYPASSED', {
    at: 'freeze.through',
    expected: 'a layer on every path from the images to the output',
    received: `a connection around it, into ${layer}`,
    fix: 'cut at the end of a stage: graft backbones NAME lists them',
  });
}
