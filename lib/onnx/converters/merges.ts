import { axisOf } from '../axes.ts';
import type { Converters, LayerCall } from '../converter.ts';
import type { Value } from '../graph-builder.ts';

/** Converts an elementwise operation over all inputs, two at a time, with broadcasting. */
function merge(opType: 'Add' | 'Sub' | 'Mul' | 'Max' | 'Min'): (call: LayerCall) => Value {
  return (call) => {
    const [first, ...rest] = aligned(call);
    return {
      ...first,
      shape: call.outputShape,
      name: rest.reduce((sum, { name }) => call.graph.add(opType, [sum, name]), first.name),
    };
  };
}

function average(call: LayerCall): Value {
  const sum = merge('Add')(call);
  return call.graph.map('Mul', sum, [call.graph.floats([1 / call.inputs.length])]);
}

function concatenate(call: LayerCall): Value {
  const { graph, layer, outputShape } = call;
  const values = aligned(call);
  const axis = axisOf(values[0], layer.number('axis', -1));
  const names = values.map(({ name }) => name);
  return { ...values[0], shape: outputShape, name: graph.add('Concat', names, { axis }) };
}

/** Converts Inception-ResNet's scaled residual: shortcut + scale * branch. */
function scaledResidual(call: LayerCall): Value {
  const { graph, layer, outputShape } = call;
  const [shortcut, branch] = aligned(call);
  if (branch === undefined) throw layer.unsupported({ expected: 'a shortcut and a branch', received: '1 input' });
  const scaled = graph.map('Mul', branch, [graph.floats([layer.number('scale')])]);
  return { ...shortcut, shape: outputShape, name: graph.add('Add', [shortcut.name, scaled.name]) };
}

/** Brings all inputs into one layout, the one that needs fewer transposes. */
function aligned({ graph, layer, inputs, input }: LayerCall): [Value, ...Value[]] {
  if (inputs.some(({ shape }) => shape.length !== input.shape.length)) {
    throw layer.unsupported({ expected: 'inputs of one rank', received: inputs.map(({ shape }) => shape) });
  }
  const already = inputs.filter(({ layout }) => layout === 'channels-first').length;
  const align = (value: Value): Value => (already * 2 >= inputs.length ? graph.channelsFirst(value) : graph.channelsLast(value));
  return [align(input), ...inputs.slice(1).map(align)];
}

/** Converters of the layers that merge several inputs. */
export const mergeConverters: Converters = {
  Add: merge('Add'),
  Subtract: merge('Sub'),
  Multiply: merge('Mul'),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Average: average,
  Concatenate: concatenate,
  CustomScaleLayer: scaledResidual,
};
