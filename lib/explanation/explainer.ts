import type { OnnxSession } from '../onnx/onnx-session.ts';

/** An image whose prediction to explain. */
export interface ExplainedImage {
  /** float32 [height, width, 3] in the model's input size, RGB 0..255. */
  readonly pixels: Float32Array;
  /** float32 [labels]: what the model predicted for it. If they are known, an explanation by occlusion takes a run less. */
  readonly probabilities?: Float32Array | undefined;
  /** Index of the label to explain. */
  readonly label: number;
}

/** Where in an image the model found evidence for a label. */
export interface Heat {
  /**
   * `class-activation`: the contribution of each position of the model's last maps to the label's score. `occlusion`:
   * how much the score falls if a part of the image is covered. `anomaly-map`: how far each position is from those of a
   * one-class model's class.
   */
  readonly method: 'class-activation' | 'occlusion' | 'anomaly-map';
  /** Rows and columns of `heat`, which cover the model's input. */
  readonly grid: readonly [height: number, width: number];
  /** float64 [height, width], 0 or more: the share of each cell in all evidence for the label. Adds up to 1 or 0. */
  readonly values: Float64Array;
}

/** Explains predictions of one model. */
export interface Explainer {
  readonly method: Heat['method'];
  /** @throws RuntimeError ONNX_RUN_FAILED */
  explain(image: ExplainedImage): Promise<Heat>;
  close(): Promise<void>;
}

/** A model whose predictions to explain. */
export interface ExplainedModel {
  /** [height, width] of its input in pixels. */
  readonly inputSize: readonly [height: number, width: number];
  readonly labels: number;
  /** Whether the labels exclude each other, so that the probabilities are a softmax of the logits. */
  readonly exclusive: boolean;
  /** Opens the model, images in and probabilities out, unless it is open. Not every explainer runs it. */
  readonly session: () => Promise<OnnxSession>;
  /** Reads the bytes of its model.onnx. */
  readonly readOnnx: () => Promise<Uint8Array>;
  readonly openSession: (onnx: Uint8Array) => Promise<OnnxSession>;
}

export type OpenExplainer = (model: ExplainedModel) => Promise<Explainer>;
