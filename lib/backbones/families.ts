import { convnext } from './families/convnext.ts';
import { densenet } from './families/densenet.ts';
import { efficientnet } from './families/efficientnet.ts';
import { efficientnetV2 } from './families/efficientnet-v2.ts';
import type { Family } from './families/family.ts';
import type { FamilyName, FamilySizes } from './families/family-sizes.ts';
import { inceptionResnetV2 } from './families/inception-resnet-v2.ts';
import { inceptionV3 } from './families/inception-v3.ts';
import { mobilenet } from './families/mobilenet.ts';
import { mobilenetV2 } from './families/mobilenet-v2.ts';
import { mobilenetV3 } from './families/mobilenet-v3.ts';
import { nasnet } from './families/nasnet.ts';
import { resnet } from './families/resnet.ts';
import { resnetV2 } from './families/resnet-v2.ts';
import { vgg } from './families/vgg.ts';
import { xception } from './families/xception.ts';

/** Architectures by their name in the catalogue. */
export const families: { readonly [F in FamilyName]: Family<FamilySizes[F]> } = {
  efficientnet,
  efficientnet_v2: efficientnetV2,
  mobilenet,
  mobilenet_v2: mobilenetV2,
  mobilenet_v3: mobilenetV3,
  convnext,
  densenet,
  inception_resnet_v2: inceptionResnetV2,
  inception_v3: inceptionV3,
  nasnet,
  resnet,
  resnet_v2: resnetV2,
  vgg,
  xception,
};
