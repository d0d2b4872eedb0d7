import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/** A part of a network that ends where one may cut it: at the output of a layer that no connection bypasses. */
export interface Stage {
  /** How people speak of it: `stem`, `block3`. */
  readonly name: string;
  readonly output: SymbolicTensor;
}

/**
 * An architecture: functions over plain data. All sizes come from the catalogue; the layers carry the names that Keras gives
 * them, because weight files and users (`freeze: {through: "block4_pool"}`) name layers so.
 */
export interface Family<Sizes> {
  /**
   * @param images float32 [batch, height, width, 3], preprocessed as the catalogue's row says
   * @param alpha width multiplier, in the families that have one
   * @returns the stages from the images on; the last one's output is the feature map [batch, h, w, channels]
   */
  stages(images: SymbolicTensor, sizes: Sizes, alpha: number): Stage[];
  /**
   * ImageNet's own top.
   * @param map the last stage's output
   * @returns logits [batch, classes], without activation
   */
  top(map: SymbolicTensor, sizes: Sizes, options: { readonly classes: number; readonly alpha: number }): SymbolicTensor;
  /** What follows the map, or its mean, where there is no top. */
  closing?(features: SymbolicTensor, sizes: Sizes): SymbolicTensor;
}
