import type { Converters } from '../converter.ts';

/** Converters of layers that hold a part of an ONNX graph. */
export const subGraphConverters: Converters = {
  /** Writes the nodes of the part under names that are unique in the graph. */
  OnnxGraph({ graph, layer, input, outputShape }) {
    const part = layer.subGraph();
    const names = new Map([
      ['', ''],
      [part.input, graph.channelsLast(input).name],
    ]);
    for (const { value, weight } of part.weights)
      names.set(
        value,
        graph.weights(weight, () => layer.needWeight(weight)),
      );
    const renamed = (name: string): string => {
      const known = names.get(name) ?? graph.unique(`${layer.name}/${name}`);
      names.set(name, known);
      return known;
    };
    graph.include({
      initializer: part.constants.map((tensor) => ({ ...tensor, name: renamed(tensor.name) })),
      node: part.nodes.map((node) => {
        const output = node.output.map(renamed);
        return { ...node, name: output[0] ?? '', input: node.input.map(renamed), output };
      }),
    });
    return { name: renamed(part.output), shape: outputShape, layout: 'channels-last' };
  },
};
