import { expect } from 'vitest';
import { differentiate } from '../../../lib/autodiff/differentiate.ts';
import type { Dims } from '../../../lib/autodiff/infer-shapes.ts';
import { GraphBuilder } from '../../../lib/onnx/graph-builder.ts';
import type { OnnxModel } from '../../../lib/onnx/onnx-model.ts';
import type { OnnxResult } from '../../../lib/onnx/onnx-session.ts';
import { openTensorSession } from '../../../lib/onnx/tensor-session.ts';
import { valueInfo } from '../../../lib/onnx/value-info.ts';
import { randomStream } from '../../../lib/random.ts';

export interface Checked {
  /** Shape of each input. The first size of an input whose name begins with x is dynamic in the graph. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly build: (graph: GraphBuilder, ...inputs: string[]) => string;
  /** Shape of the output. */
  readonly output: readonly number[];
  /** Inputs lie between; default -1 and 1. */
  readonly range?: readonly [number, number];
  /** Inputs whose gradient is not asked for. */
  readonly constant?: readonly string[];
}

/** Step of the finite differences. */
const STEP = 1 / 128;

/** Values in random order, evenly spaced, so that none is near another one or near the middle of the range. */
export function spacedValues(dims: readonly number[], [low, high]: readonly [number, number], ...path: string[]): Float32Array {
  const size = dims.reduce((product, length) => product * length, 1);
  const even = size + (size % 2);
  const values = Array.from({ length: even }, (_, i) => low + ((high - low) * (i + 0.5)) / even);
  return Float32Array.from(randomStream(1, ...path).shuffle(values)).slice(0, size);
}

/** A function and its gradients as a graph, with values for all of its inputs. */
export interface GradientGraph {
  readonly model: OnnxModel;
  /** Name of the function's output. */
  readonly output: string;
  /** The output with the gradient of each input that is not constant. */
  readonly gradients: ReadonlyMap<string, string>;
  readonly feeds: ReadonlyMap<string, OnnxResult>;
}

/** Builds the gradients of sum(output * weights). */
export function gradientGraph({ inputs, build, output, range = [-1, 1], constant = [] }: Checked): GradientGraph {
  const names = Object.keys(inputs);
  const by = names.filter((name) => !constant.includes(name));
  const graph = new GraphBuilder();
  const dynamic = (name: string, dims: readonly number[]): Dims => (name.startsWith('x') ? [null, ...dims.slice(1)] : dims);
  const infos = names.map((name) => graph.input(name, dynamic(name, inputs[name]!)).info);
  const upstream = graph.input('upstream', dynamic('x', output));
  const y = build(graph, ...names);
  const shapes = new Map(names.map((name) => [name, dynamic(name, inputs[name]!)]));
  const found = differentiate(graph, { of: y, upstream: 'upstream', by, inputs: shapes });
  const { node, initializer } = graph.written;
  return {
    model: {
      irVersion: 9,
      opsetImport: [{ domain: '', version: 20 }],
      metadataProps: [],
      graph: {
        name: 'checked',
        node,
        initializer,
        input: [...infos, upstream.info],
        output: [valueInfo(y, dynamic('x', output)), ...by.map((name, i) => valueInfo(found[i]!, shapes.get(name)!))],
        valueInfo: [],
      },
    },
    output: y,
    gradients: new Map(by.map((name, i) => [name, found[i]!])),
    feeds: new Map([
      ...names.map((name) => [name, { data: spacedValues(inputs[name]!, range, name), dims: inputs[name]! }] as const),
      ['upstream', { data: spacedValues(output, [-0.5, 1], 'weights'), dims: output }],
    ]),
  };
}

/** The gradients of sum(output * weights) equal central differences, at every element of every input. */
export async function checkGradients(checked: Checked): Promise<void> {
  const { model, output: y, gradients, feeds } = gradientGraph(checked);
  const session = await openTensorSession(model, { threads: 1 });
  const weights = feeds.get('upstream')!.data;
  const compute = (wanted: string[]) => session.run(feeds, new Map(wanted.map((name) => [name, undefined])));
  const value = async (): Promise<Float32Array> => {
    const result = (await compute([y])).get(y)!;
    expect(result.dims).toEqual(checked.output);
    return result.data.slice();
  };
  const computed = await compute([...gradients.values()]);
  for (const [name, of] of gradients) {
    const { data, dims } = feeds.get(name)!;
    const gradient = computed.get(of)!;
    expect(gradient.dims, name).toEqual(dims);
    const expected = new Float32Array(data.length);
    for (const at of data.keys()) {
      const before = data[at]!;
      data[at] = before + STEP;
      const above = await value();
      data[at] = before - STEP;
      const below = await value();
      data[at] = before;
      expected[at] = above.reduce((sum, each, j) => sum + (each - below[j]!) * weights[j]!, 0) / (2 * STEP);
    }
    const scale = Math.max(...expected.map(Math.abs), 1e-3);
    const worst = Math.max(...expected.map((each, at) => Math.abs(each - gradient.data[at]!))) / scale;
    expect(worst, `${name}: ${gradient.data.slice(0, 8)}, finite differences ${expected.slice(0, 8)}`).toBeLessThan(1e-3);
    expect(
      expected.some((each) => each !== 0),
      `${name} matters`,
    ).toBe(true);
  }
  await session.close();
}
