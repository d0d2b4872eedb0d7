import type { StoredDtype } from '../../safetensors/widen.ts';

/** A tensor of a weight file, widened to float32, in C order. */
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The contents of a weight file of any format, layer by layer. */
export interface WeightFile {
  readonly format: WeightFormat;
  readonly layers: readonly LayerWeights[];
}

/** Format of a weight file. */
export type WeightFormat =
  /** Keras's HDF5 file of weights or of a whole model (`.h5`). */
  | 'keras-h5'
  /** Keras 3's `.weights.h5`. */
  | 'keras-weights-h5'
  /** Keras 3's whole model, `.keras`. */
  | 'keras-archive'
  | 'safetensors'
  /** A state dict of PyTorch before 1.6 (`.pth`), with Keras's names and layout. */
  | 'torch';

/** The weights of one layer. */
export interface LayerWeights {
  /** The layer's name, or the identifier that the file has instead (`conv2d_3`). */
  readonly name: string;
  /** Path in the file. */
  readonly path: string;
  /** Empty for a listed layer without weights. */
  readonly weights: readonly NamedWeight[];
}

/** A weight of a layer. */
export interface NamedWeight extends WeightTensor {
  /** As in the file: `conv1/kernel:0`. In `.weights.h5`, a number. */
  readonly name: string;
  /** Path in the file. */
  readonly path: string;
  /** Type of the numbers in the file. */
  readonly dtype: StoredDtype;
}
