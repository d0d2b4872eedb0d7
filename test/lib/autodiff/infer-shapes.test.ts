import { expect, it } from 'vitest';
import { inferShapes } from '../../../lib/autodiff/infer-shapes.ts';
import { writeAttribute } from '../../../lib/onnx/attribute.ts';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';

it.each([
  ['an input, as from opset 18 on', (graph: GraphBuilder) => ({ more: [graph.integers([2, 3])], axes: {} })],
  ['an attribute, as before', () => ({ more: [], axes: { axes: [2, 3] } })],
])('reads the axes of a mean from %s', (_, make) => {
  const graph = new GraphBuilder();
  const { more, axes } = make(graph);
  const attribute = Object.entries({ keepdims: 0, ...axes }).map(([name, value]) => writeAttribute(name, value));
  const nodes = [{ name: 'mean', opType: 'ReduceMean', input: ['x', ...more], output: ['y'], attribute }];
  const constants = new Map(graph.written.initializer.map((tensor) => [tensor.name, tensor]));
  expect(inferShapes(nodes, constants, new Map([['x', [null, 5, 7, 7]]])).get('y')).toEqual([null, 5]);
});

it.each([
  ['an input, as from opset 13 on', (graph: GraphBuilder) => ({ more: [graph.integers([2])], attribute: [] })],
  ['an attribute, as before', () => ({ more: [], attribute: [writeAttribute('axes', [2])] })],
])('reads the axes of Unsqueeze and Squeeze from %s', (_, make) => {
  const graph = new GraphBuilder();
  const { more, attribute } = make(graph);
  const nodes = [
    { name: 'first', opType: 'Unsqueeze', input: ['x', ...more], output: ['y'], attribute },
    { name: 'second', opType: 'Squeeze', input: ['y', ...more], output: ['z'], attribute },
  ];
  const constants = new Map(graph.written.initializer.map((tensor) => [tensor.name, tensor]));
  const shapes = inferShapes(nodes, constants, new Map([['x', [null, 5, 7]]]));
  expect(shapes.get('y')).toEqual([null, 5, 1, 7]);
  expect(shapes.get('z')).toEqual([null, 5, 7]);
});
