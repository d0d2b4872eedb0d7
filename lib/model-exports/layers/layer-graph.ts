/** A network as layers that Keras and TF.js both have, under the same names and with the same settings. */

/** A setting of a layer, as in Keras's JSON. */
export type Setting = string | number | boolean | null | readonly Setting[];

export interface LayerWeight {
  /** As TF.js names it: `kernel`. */
  readonly name: string;
  readonly dims: readonly number[];
  /** Row-major. */
  readonly data: Float32Array;
}

export interface GraphLayer {
  /** Unique in the graph. */
  readonly name: string;
  /** `Conv2D` */
  readonly className: string;
  /** Without `name` and `trainable`. */
  readonly config: Readonly<Record<string, Setting>>;
  /** In Keras's order. */
  readonly weights: readonly LayerWeight[];
  readonly inputs: readonly GraphLayer[];
  /** Of the output, without the batch; maps have their channels last. */
  readonly shape: readonly number[];
  readonly trainable: boolean;
}

/** One input, float32 [N, height, width, 3], RGB 0..255, and one output, probabilities [N, labels]. */
export interface LayerGraph {
  readonly input: GraphLayer;
  readonly output: GraphLayer;
  /** Each after its inputs; the first is the input, the last the output. */
  readonly layers: readonly GraphLayer[];
}
