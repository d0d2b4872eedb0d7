import { efficientnet } from './families/efficientnet.ts';
import { efficientnetV2 } from './families/efficientnet-v2.ts';
import type { Family, FamilyName, FamilySizes } from './family.ts';

/** Every architecture by the name that the catalogue gives it. */
export const families: { readonly [F in FamilyName]: Family<FamilySizes[F]> } = {
  efficientnet,
  efficientnet_v2: efficientnetV2,
};
