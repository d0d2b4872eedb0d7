import type { Converters, LayerCall } from '../converter.ts';
import type { Value } from '../graph-builder.ts';

/** An elementwise operation over all inputs, in the layout that most of them have. */
function merge(opType: string): (call: LayerCall) => Value {
  return ({ graph, layer, inputs, input, outputShape }) => {
    if (inputs.some(({ shape }) => shape.length !== outputShape.length)) {
      throw layer.unsupported({ expected: 'inputs of one rank', received: inputs.map(({ shape }) => shape) });
    }
    const aligned = alike(graph, inputs);
    return { name: fold(aligned), shape: outputShape, layout: aligned[0]?.layout ?? input.layout };

    function fold([first, ...rest]: readonly Value[]): string {
      return rest.reduce((sum, { name }) => graph.add(opType, [sum, name]), first?.name ?? input.name);
    }
  };
}

/** All values in one layout: the one that needs fewer of them turned over. */
export function alike(graph: LayerCall['graph'], values: readonly Value[]): Value[] {
  const first = values.filter(({ layout }) => layout === 'channels-first').length;
  return values.map((value) => (first * 2 >= values.length ? graph.channelsFirst(value) : graph.channelsLast(value)));
}

export const mergeConverters: Converters = { Add: merge('Add') };
