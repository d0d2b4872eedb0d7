import { intOf } from '../../../onnx/read-attribute.ts';
import { applyAffine } from '../affine.ts';
import type { LayerBuilder, Operand } from '../layer-builder.ts';
import type { GraphLayer } from '../layer-graph.ts';
import { mapOf, type Operator, type Operators } from './operator.ts';

/** x op constant: a factor or a term. x op y: a layer that merges both. */
function elementwise(
  affine: (values: Float64Array) => { readonly scale: ArrayLike<number>; readonly offset: ArrayLike<number> },
  className?: string,
): Operator {
  return (build) => {
    if (build.isConstant(1)) return applyAffine(build, build.value(0), affine(perChannel(build)));
    if (className === undefined) return build.refuse('a constant as the second input', build.node.input[1]);
    const { operands, layout } = aligned(build);
    const [first, second] = operands;
    if (first === undefined || second === undefined || operands.length !== 2) return build.refuse('two inputs', operands.length);
    if (className === 'Multiply' && isGateOf(second, first)) return build.result(swish(build, first.layer), layout);
    const shape = first.layer.shape.map((size, axis) => Math.max(size, second.layer.shape[axis] ?? 1));
    return build.result(build.layer(className, [first.layer, second.layer], shape), layout);
  };
}

/** Reads the constant of a node: one number, or one for each channel. */
function perChannel(build: LayerBuilder): Float64Array {
  const { layer, layout } = build.value(0);
  const { data, dims } = build.floats(1);
  const channels = layer.shape.at(-1);
  const axis = layout === 'channels-first' ? dims.length - 3 : dims.length - 1;
  const isChannels = data.length === channels && dims[axis] === channels;
  if (data.length !== 1 && !isChannels) build.refuse('a constant for all channels, or for each', dims);
  return Float64Array.from(data);
}

function isGateOf({ layer, isSole }: Operand, { layer: of }: Operand): boolean {
  return isSole && layer.className === 'Activation' && layer.config.activation === 'sigmoid' && layer.inputs[0] === of;
}

function swish(build: LayerBuilder, of: GraphLayer): GraphLayer {
  return build.layer('Activation', [of], of.shape, { activation: 'swish' });
}

/** All inputs, in one layout and of one rank. */
function aligned(build: LayerBuilder): { readonly operands: readonly Operand[]; readonly layout: Operand['layout'] } {
  const values = build.node.input.map((_, index) => build.value(index));
  const arePooled = values.every(({ layout }) => layout === 'pooled');
  const operands = arePooled ? values : values.map((value, index) => (value.layout === 'pooled' ? mapOf(build, index) : value));
  const [first] = operands;
  const layout = first?.layout ?? 'channels-last';
  const rank = first?.layer.shape.length;
  if (operands.some((operand) => operand.layout !== layout || operand.layer.shape.length !== rank)) {
    build.refuse(
      'inputs of one layout',
      operands.map(({ layer }) => layer.shape),
    );
  }
  return { operands, layout };
}

function concat(build: LayerBuilder): Operand {
  const { operands, layout } = aligned(build);
  const layers = operands.map(({ layer }) => layer);
  const [first] = layers;
  const rank = (first?.shape.length ?? 0) + 1;
  const axis = intOf(build.node, 'axis') ?? -1;
  const isChannels = layout === 'channels-first' || layout === 'pooled' ? axis === 1 : axis === rank - 1 || axis === -1;
  if (!isChannels) build.refuse('a concatenation of channels', axis);
  const channels = layers.reduce((sum, { shape }) => sum + (shape.at(-1) ?? 0), 0);
  const shape = [...(first?.shape.slice(0, -1) ?? []), channels];
  return build.result(build.layer('Concatenate', layers, shape, { axis: -1 }), layout);
}

const none = [0];

/** Operators of several inputs. */
export const merges: Operators = {
  Add: elementwise((offset) => ({ scale: [1], offset }), 'Add'),
  Sub: elementwise((values) => ({ scale: [1], offset: values.map((value) => -value) })),
  Mul: elementwise((scale) => ({ scale, offset: none }), 'Multiply'),
  Div: elementwise((values) => ({ scale: values.map((value) => 1 / value), offset: none })),
  Concat: concat,
};
