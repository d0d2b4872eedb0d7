import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ConvNeXtSizes } from './families/convnext.ts';
import type { DenseNetSizes } from './families/densenet.ts';
import type { EfficientNetSizes } from './families/efficientnet.ts';
import type { EfficientNetV2Sizes } from './families/efficientnet-v2.ts';
import type { InceptionResNetV2Sizes } from './families/inception-resnet-v2.ts';
import type { InceptionV3Sizes } from './families/inception-v3.ts';
import type { MobileNetSizes } from './families/mobilenet.ts';
import type { MobileNetV2Sizes } from './families/mobilenet-v2.ts';
import type { MobileNetV3Sizes } from './families/mobilenet-v3.ts';
import type { NasNetSizes } from './families/nasnet.ts';
import type { ResNetSizes } from './families/resnet.ts';
import type { VggSizes } from './families/vgg.ts';
import type { XceptionSizes } from './families/xception.ts';

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

/** The sizes that each family takes. */
export interface FamilySizes {
  readonly efficientnet: EfficientNetSizes;
  readonly efficientnet_v2: EfficientNetV2Sizes;
  readonly mobilenet: MobileNetSizes;
  readonly mobilenet_v2: MobileNetV2Sizes;
  readonly mobilenet_v3: MobileNetV3Sizes;
  readonly convnext: ConvNeXtSizes;
  readonly densenet: DenseNetSizes;
  readonly inception_resnet_v2: InceptionResNetV2Sizes;
  readonly inception_v3: InceptionV3Sizes;
  readonly nasnet: NasNetSizes;
  readonly resnet: ResNetSizes;
  readonly resnet_v2: ResNetSizes;
  readonly vgg: VggSizes;
  readonly xception: XceptionSizes;
}

export type FamilyName = keyof FamilySizes;
