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
