import { efficientnet } from './families/efficientnet.ts';
import { efficientnetV2 } from './families/efficientnet-v2.ts';
import { mobilenet } from './families/mobilenet.ts';
import { mobilenetV2 } from './families/mobilenet-v2.ts';
import { mobilenetV3 } from './families/mobilenet-v3.ts';
import type { Family, FamilyName, FamilySizes } from './family.ts';

/** Every architecture by the name that the catalogue gives it. */
export const families: { readonly [F in FamilyName]: Family<FamilySizes[F]> } = {
  efficientnet,
  efficientnet_v2: efficientnetV2,
  mobilenet,
  mobilenet_v2: mobilenetV2,
  mobilenet_v3: mobilenetV3,
};
