import type { StoredDtype } from '../../safetensors/widen.ts';

/** A tensor as a weight file holds it, widened to float32; C order. */
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a weight file holds, whatever its format, layer by layer. */
export interface WeightFile {
  readonly format: WeightFormat;
  readonly layers: readonly LayerWeights[];
}

export type WeightFormat =
  /** Keras's HDF5 file of weights or of a whole model (`.h5`). */
  | 'keras-h5'
  /** Keras 3's `.weights.h5`. */
  | 'keras-weights-h5'
  /** Keras 3's whole model, `.keras`. */
  | 'keras-archive'
  | 'safetensors'
  /** A state dict of PyTorch before 1.6 (`.pth`), under Keras's names and in its layout. */
  | 'torch';

export interface LayerWeights {
  /** The layer's name; where the file gives none, what it has instead (`conv2d_3`). */
  readonly name: string;
  /** Where in the file. */
  readonly path: string;
  /** Empty for a layer without weights, where the file lists it. */
  readonly weights: readonly NamedWeight[];
}

export interface NamedWeight extends WeightTensor {
  /** As the file says it: `conv1/kernel:0`; in `.weights.h5` a number. */
  readonly name: string;
  /** Where in the file. */
  readonly path: string;
  /** Of the numbers in the file. */
  readonly dtype: StoredDtype;
}
