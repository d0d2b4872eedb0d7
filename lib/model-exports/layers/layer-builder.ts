import { DataError } from '../../errors.ts';
import type { OnnxGraph, OnnxNode } from '../../onnx/onnx-model.ts';
import { floatsOf, integersOf } from '../../onnx/read-tensor.ts';
import type { GraphLayer, LayerWeight, Setting } from './layer-graph.ts';

/** A value of the ONNX graph: the output of a layer. */
export interface Operand {
  readonly layer: GraphLayer;
  /**
   * How the ONNX graph has it: a map [N, channels, height, width] is `channels-first`; one [N, channels, 1, 1] of which
   * the layer has the vector [N, channels] is `pooled`; all others are as the layer has them.
   */
  readonly layout: 'channels-last' | 'channels-first' | 'pooled';
  /** Whether only one node uses it, so that its layer may absorb that node. */
  readonly isSole: boolean;
}

interface LayerParts {
  readonly weights?: readonly LayerWeight[];
  readonly trainable?: boolean;
}

/** The call of an operator: its node, and what it needs of the graph. */
export class LayerBuilder {
  readonly node: OnnxNode;
  readonly #state: BuilderState;

  constructor(node: OnnxNode, state: BuilderState) {
    this.node = node;
    this.#state = state;
  }

  /** Reads a computed input. @throws DataError EXPORT_LAYER_UNSUPPORTED if it is a constant */
  value(index: number): Operand {
    return this.#state.values.get(this.#name(index)) ?? this.refuse('a computed input', this.#name(index));
  }

  isConstant(index: number): boolean {
    return this.#state.constants.has(this.#name(index));
  }

  /** Reads a constant. @returns undefined if the node has no such input */
  optionalFloats(index: number): { readonly data: Float32Array; readonly dims: readonly number[] } | undefined {
    const name = this.#name(index);
    if (name === '') return undefined;
    const tensor = this.#state.constants.get(name);
    const data = tensor && floatsOf(tensor);
    return data === undefined ? this.refuse('constant float32 weights', name) : { data, dims: tensor?.dims ?? [] };
  }

  floats(index: number): { readonly data: Float32Array; readonly dims: readonly number[] } {
    return this.optionalFloats(index) ?? this.refuse(`an input ${index}`, 'none');
  }

  integers(index: number): number[] {
    const tensor = this.#state.constants.get(this.#name(index));
    return (tensor && integersOf(tensor)) ?? this.refuse('a constant list of integers', this.#name(index));
  }

  /**
   * Creates a layer with the name of this node.
   * @param inputs the layers whose outputs it takes
   * @param shape of its output, without the batch
   */
  layer(
    className: string,
    inputs: readonly GraphLayer[],
    shape: readonly number[],
    config: Readonly<Record<string, Setting>> = {},
    { weights = [], trainable = weights.length > 0 }: LayerParts = {},
  ): GraphLayer {
    return { name: this.#layerName(className, weights.length > 0), className, config, weights, inputs, shape, trainable };
  }

  /** The output of this node. */
  result(layer: GraphLayer, layout: Operand['layout'] = 'channels-last'): Operand {
    return { layer, layout, isSole: this.#state.uses.get(this.node.output[0] ?? '') === 1 };
  }

  /** @throws DataError EXPORT_LAYER_UNSUPPORTED */
  refuse(expected: string, received: unknown): never {
    throw new DataError('EXPORT_LAYER_UNSUPPORTED', {
      at: `${this.node.opType} ${this.node.output[0] ?? ''}`,
      expected,
      received,
      fix: 'use --to onnx, npm, web or html',
    });
  }

  #name(index: number): string {
    return this.node.input[index] ?? '';
  }

  /** Layers have the names of Graft's own, as Keras names them. Further layers of the same one add what they do. */
  #layerName(className: string, hasWeights: boolean): string {
    const named = [this.#name(1), this.node.output[0] ?? ''].map((name) => name.split('/').slice(0, -1).join('_'));
    const [ofWeights = '', ofOutput = ''] = named;
    const scope = ((hasWeights ? ofWeights : '') || ofOutput).replaceAll(/[^\w.-]/g, '_');
    const isFurther = scope === '' || (!hasWeights && (this.isConstant(1) || this.#state.isTaken(scope)));
    return this.#state.unique(isFurther ? [scope, className.toLowerCase()].filter(Boolean).join('_') : scope);
  }
}

/** What the nodes of a graph share. */
export class BuilderState {
  readonly values = new Map<string, Operand>();
  readonly constants: ReadonlyMap<string, OnnxGraph['initializer'][number]>;
  /** The number of nodes that use a value. */
  readonly uses: ReadonlyMap<string, number>;
  readonly #names = new Set<string>();

  constructor(nodes: readonly OnnxNode[], { initializer }: OnnxGraph) {
    this.constants = new Map(initializer.map((tensor) => [tensor.name, tensor]));
    const uses = new Map<string, number>();
    for (const name of nodes.flatMap(({ input }) => input)) uses.set(name, (uses.get(name) ?? 0) + 1);
    this.uses = uses;
  }

  isTaken(name: string): boolean {
    return this.#names.has(name);
  }

  unique(name: string): string {
    let free = name;
    for (let count = 2; this.#names.has(free); count++) free = `${name}_${count}`;
    this.#names.add(free);
    return free;
  }
}
