import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/** A part of a network that ends at a possible cut: at the output of a layer that no connection bypasses. */
export interface Stage {
  /** Common name: `stem`, `block3`. */
  readonly name: string;
  readonly output: SymbolicTensor;
}

/**
 * An architecture, as functions over plain data. All sizes come from the catalogue. Layers have the names that Keras
 * gives them, since weight files and users (`freeze: {through: "block4_pool"}`) refer to these names.
 */
export interface Family<Sizes> {
  /**
   * Builds the network without its top.
   * @param images float32 [batch, height, width, 3], preprocessed as the catalogue's row specifies
   * @param alpha width multiplier, in families that have one
   * @returns the stages from the images on; the last one's output is the feature map [batch, h, w, channels]
   */
  stages(images: SymbolicTensor, sizes: Sizes, alpha: number): Stage[];
  /**
   * Builds ImageNet's top.
   * @param map the last stage's output
   * @returns logits [batch, classes], without activation
   */
  top(map: SymbolicTensor, sizes: Sizes, options: { readonly classes: number; readonly alpha: number }): SymbolicTensor;
  /** Builds the layers after the map, or after its mean, if there is no top. */
  closing?(features: SymbolicTensor, sizes: Sizes): SymbolicTensor;
}
