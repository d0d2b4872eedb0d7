import { GraftError } from '../errors.ts';
import { OPSET } from './graft-model.ts';
import { elementType, type OnnxModel, type OnnxNode, type OnnxTensor } from './onnx-model.ts';

/**
 * The operators that a head may contain. For each, the first ONNX opset that defines it with today's meaning on
 * float32 vectors, with the inputs and attributes that Graft writes.
 */
const since: Readonly<Record<string, number>> = {
  Add: 7,
  BatchNormalization: 9,
  Clip: 11,
  Div: 7,
  Elu: 6,
  Erf: 9,
  Gelu: 20,
  Gemm: 11,
  Identity: 1,
  MatMul: 9,
  Mul: 7,
  Relu: 6,
  Reshape: 5,
  Selu: 6,
  Sigmoid: 6,
  Softmax: 11,
  Sub: 7,
  Tanh: 6,
};

/**
 * Rewrites a head for another ONNX opset. A graph has exactly one opset, and an imported trunk brings its own, so the
 * head must follow the trunk that it is joined with.
 * @param version the opset of the trunk
 * @returns the head, rewritten for that opset
 * @throws GraftError ONNX_JOIN_MISMATCH if the opset lacks an operator or defines it differently
 */
export function atOpset(model: OnnxModel, version: number): OnnxModel {
  const constants: OnnxTensor[] = [];
  const node = model.graph.node.flatMap((each) => {
    if ((since[each.opType] ?? Number.POSITIVE_INFINITY) <= version) return [each];
    if (each.opType !== 'Gelu' || each.attribute.length > 0) throw unknown(each, version);
    const { nodes, initializers } = geluByErf(each);
    constants.push(...initializers);
    return nodes;
  });
  const opsetImport = model.opsetImport.map((opset) => (opset.domain ? opset : { ...opset, version }));
  return { ...model, opsetImport, graph: { ...model.graph, node, initializer: [...model.graph.initializer, ...constants] } };
}

/** Writes Gelu as x * (1 + erf(x / sqrt(2))) * 0.5. */
function geluByErf({ name, input, output }: OnnxNode): { nodes: OnnxNode[]; initializers: OnnxTensor[] } {
  const [x = ''] = input;
  const [y = ''] = output;
  const part = (what: string): string => `${name}/${what}`;
  const node = (opType: string, inputs: string[], result: string): OnnxNode => ({
    name: result,
    opType,
    input: inputs,
    output: [result],
    attribute: [],
  });
  const nodes = [
    node('Div', [x, part('sqrt2')], part('scaled')),
    node('Erf', [part('scaled')], part('erf')),
    node('Add', [part('erf'), part('one')], part('gate')),
    node('Mul', [x, part('gate')], part('gated')),
    node('Mul', [part('gated'), part('half')], y),
  ];
  const initializers = [scalar(part('sqrt2'), Math.SQRT2), scalar(part('one'), 1), scalar(part('half'), 0.5)];
  return { nodes, initializers };
}

function scalar(name: string, value: number): OnnxTensor {
  return { name, dims: [], dataType: elementType.float32, rawData: new Uint8Array(Float32Array.of(value).buffer) };
}

function unknown({ opType, name = '' }: OnnxNode, version: number): GraftError {
  return new GraftError('ONNX_JOIN_MISMATCH', {
    at: name,
    expected: `an operator that version ${version} of ONNX's operators has: one of ${Object.keys(since).join(', ')}`,
    received: opType,
    fix: `export the first model with a newer operator set (${OPSET})`,
  });
}
