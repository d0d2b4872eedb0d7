import { type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import { RuntimeError } from '../../errors.ts';
import type { SubGraph } from '../../onnx/sub-graph.ts';
import { type LayerArgs, type LayerShape, onlyShape } from '../layers/layer-parts.ts';

/** Arguments of `OnnxGraphLayer`. */
export interface OnnxGraphArgs extends LayerArgs {
  readonly subGraph: SubGraph;
  /** The values of its weights, in its order. */
  readonly values: readonly { readonly data: Float32Array; readonly dims: readonly number[] }[];
  /** Shape of one example's output. */
  readonly outputShape: readonly number[];
}

/**
 * A layer that holds a part of an ONNX graph: its weights are variables, its nodes are data. Only graphs compute it:
 * the training graphs of the ONNX engine, and those of `exportOnnx`.
 */
export class OnnxGraphLayer extends layers.Layer {
  static readonly className = 'OnnxGraph';
  readonly subGraph: SubGraph;
  readonly #values: OnnxGraphArgs['values'];
  readonly #shape: readonly number[];

  constructor({ subGraph, values, outputShape, ...args }: OnnxGraphArgs) {
    super(args);
    this.subGraph = subGraph;
    this.#values = values;
    this.#shape = outputShape;
  }

  override build(): void {
    for (const [i, { dims }] of this.#values.entries()) {
      this.addWeight(this.subGraph.weights[i]?.weight ?? '', [...dims], 'float32', initializers.zeros());
    }
    tidy(() => this.setWeights(this.#values.map(({ data, dims }) => tensor(data, [...dims], 'float32'))));
    this.built = true;
  }

  override computeOutputShape(inputShape: LayerShape | LayerShape[]): LayerShape {
    return [onlyShape(inputShape)[0] ?? null, ...this.#shape];
  }

  /** @throws RuntimeError LAYER_ONNX_ONLY */
  override call(): Tensor {
    throw new RuntimeError('LAYER_ONNX_ONLY', {
      at: `layer ${this.name}`,
      expected: 'the ONNX engine, which alone computes a layer of an ONNX graph',
      received: 'TensorFlow.js',
      fix: 'set GRAFT_ENGINE=onnx',
    });
  }
}
