import { SpecError } from '../../errors.ts';
import type { OnnxGraph, OnnxNode } from '../../onnx/onnx-model.ts';

/** Operators between a classifier's last linear layer and its probabilities. */
const AFTER_LOGITS = new Set(['Softmax', 'Sigmoid', 'Add', 'Mul', 'Div', 'Reshape', 'Identity']);
/** Linear layers: their first input has the features, the second the weights. */
const LINEAR = new Set(['Gemm', 'MatMul']);

/**
 * Finds the features of a classifier: the input of its last linear layer.
 * @param ref of the model, for the error
 * @returns name of the value
 * @throws SpecError BACKBONE_MODEL_UNSUPPORTED
 */
export function findFeatures({ node, initializer, output }: OnnxGraph, ref: string): string {
  const makers = new Map(node.flatMap((one) => one.output.map((name) => [name, one] as const)));
  const constants = new Set(initializer.map(({ name }) => name));
  for (let maker = makers.get(output[0]?.name ?? ''); maker !== undefined; ) {
    const inputs = maker.input.filter((name) => !constants.has(name));
    const [features] = inputs;
    if (LINEAR.has(maker.opType) && inputs.length === 1 && features !== undefined) {
      if (isAverage(makers.get(features), makers, constants)) break;
      return features;
    }
    maker = AFTER_LOGITS.has(maker.opType) && leadsOn(maker, inputs) ? makers.get(features ?? '') : undefined;
  }
  throw new SpecError('BACKBONE_MODEL_UNSUPPORTED', {
    at: 'backbone.name',
    expected: 'a version with one linear last layer, whose input has the features',
    received: `${ref}, whose probabilities are computed otherwise, such as an average of networks`,
    fix: 'use a version that was trained without effort "best", or a backbone of the catalogue',
  });
}

/** A cosine layer divides by the length of the features; otherwise there is one value to follow. */
function leadsOn({ opType }: OnnxNode, inputs: readonly string[]): boolean {
  return inputs.length === 1 || opType === 'Div';
}

/**
 * Whether a value joins the logits of networks, which a linear layer then averages: they are the outputs of linear
 * layers, where the vectors of stages are means.
 */
function isAverage(joined: OnnxNode | undefined, makers: ReadonlyMap<string, OnnxNode>, constants: ReadonlySet<string>): boolean {
  if (joined?.opType !== 'Concat') return false;
  return joined.input.every((name) => isLogits(makers.get(name), makers, constants));
}

function isLogits(maker: OnnxNode | undefined, makers: ReadonlyMap<string, OnnxNode>, constants: ReadonlySet<string>): boolean {
  if (maker === undefined) return false;
  if (LINEAR.has(maker.opType)) return true;
  const inputs = maker.input.filter((name) => !constants.has(name));
  return AFTER_LOGITS.has(maker.opType) && leadsOn(maker, inputs) && isLogits(makers.get(inputs[0] ?? ''), makers, constants);
}
