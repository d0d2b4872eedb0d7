import type { ConvNeXtSizes } from './convnext.ts';
import type { DenseNetSizes } from './densenet.ts';
import type { EfficientNetSizes } from './efficientnet.ts';
import type { EfficientNetV2Sizes } from './efficientnet-v2.ts';
import type { InceptionResNetV2Sizes } from './inception-resnet-v2.ts';
import type { InceptionV3Sizes } from './inception-v3.ts';
import type { MobileNetSizes } from './mobilenet.ts';
import type { MobileNetV2Sizes } from './mobilenet-v2.ts';
import type { MobileNetV3Sizes } from './mobilenet-v3.ts';
import type { NasNetSizes } from './nasnet.ts';
import type { ResNetSizes } from './resnet.ts';
import type { VggSizes } from './vgg.ts';
import type { XceptionSizes } from './xception.ts';

/** The type of each family's sizes. */
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

/** Name of a family. */
export type FamilyName = keyof FamilySizes;
