import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../lib/autodiff/differentiate.ts';
import { gradientRules } from '../../../lib/autodiff/gradient-rules.ts';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import { checkGradients } from './check-gradients.ts';
import { type Case, gradientCases } from './gradient-cases.ts';

describe('each rule has the gradient of finite differences', () => {
  it.each(gradientCases)('$title', async (given) => checkGradients(given));

  it('covers every operator that can be differentiated', () => {
    const tested = new Set(['Conv', ...gradientCases.flatMap((given) => operatorsOf(given))]);
    expect(Object.keys(gradientRules).filter((operator) => !tested.has(operator))).toEqual([]);
  });
});

describe('differentiate', () => {
  it('writes no gradient for what only constants reach', () => {
    const graph = new GraphBuilder();
    for (const [name, dims] of [
      ['x', [null, 4]],
      ['w', [4, 3]],
      ['v', [3, 2]],
    ] as const)
      graph.input(name, dims);
    const y = graph.add('MatMul', [graph.add('MatMul', ['x', 'w']), 'v']);
    const inputs = new Map([
      ['x', [null, 4]],
      ['w', [4, 3]],
      ['v', [3, 2]],
    ]);
    const before = graph.written.node.length;
    differentiate(graph, { of: y, upstream: 'dy', by: ['v'], inputs });
    expect(graph.written.node.slice(before).map(({ opType }) => opType)).toEqual(['Gemm']);
  });

  it.each<[string, string[], object, string]>([
    ['Max', ['x', 'y', 'z'], {}, 'two inputs'],
    ['Min', ['x'], {}, 'two inputs'],
    ['MaxPool', ['x'], { kernel_shape: [2, 2], storage_order: 1 }, 'storage_order 0'],
    ['Pow', ['x', 'z'], {}, 'a constant float32 scalar as input 1'],
  ])('refuses %s of %j with %o', (operator, names, attributes, expected) => {
    const graph = new GraphBuilder();
    const shape = [null, 2, 4, 4];
    for (const name of names) graph.input(name, shape);
    const y = graph.add(operator, names, { ...attributes });
    const inputs = new Map(names.map((name) => [name, shape]));
    expect(() => differentiate(graph, { of: y, upstream: 'dy', by: ['x'], inputs })).toThrow(
      expect.objectContaining({ code: 'ONNX_GRADIENT_UNSUPPORTED', expected }),
    );
  });

  // The last ones are members of all objects.
  it.each(['CumSum', 'constructor', 'toString'])('names the operator and the node without a rule: %s', (operator) => {
    const graph = new GraphBuilder();
    graph.input('x', [null, 4]);
    const y = graph.within('layer', () => graph.add(operator, ['x', graph.integers([1])]));
    const act = () => differentiate(graph, { of: y, upstream: 'dy', by: ['x'], inputs: new Map([['x', [null, 4]]]) });
    expect(act).toThrow(
      expect.objectContaining({
        code: 'ONNX_GRADIENT_UNSUPPORTED',
        at: `node layer/${operator} (${operator})`,
        received: operator,
      }),
    );
  });
});

function operatorsOf({ inputs, build }: Case): string[] {
  const graph = new GraphBuilder();
  build(graph, ...Object.keys(inputs));
  return graph.written.node.map(({ opType }) => opType);
}
