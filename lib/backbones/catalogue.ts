import type { BackboneRow } from './catalogue/backbone-row.ts';
import { convnextRows } from './catalogue/convnext.ts';
import { densenetRows } from './catalogue/densenet.ts';
import { efficientnetRows } from './catalogue/efficientnet.ts';
import { efficientnetV2Rows } from './catalogue/efficientnet-v2.ts';
import { inceptionResnetV2Rows } from './catalogue/inception-resnet-v2.ts';
import { inceptionV3Rows } from './catalogue/inception-v3.ts';
import { mobilenetRows } from './catalogue/mobilenet.ts';
import { mobilenetV2Rows } from './catalogue/mobilenet-v2.ts';
import { mobilenetV3Rows } from './catalogue/mobilenet-v3.ts';
import { nasnetRows } from './catalogue/nasnet.ts';
import { resnetRows, resnetV2Rows } from './catalogue/resnet.ts';
import { vggRows } from './catalogue/vgg.ts';
import { xceptionRows } from './catalogue/xception.ts';

/** Every backbone that Graft can build, one row per model. Data only. */
export const catalogue: readonly BackboneRow[] = [
  ...efficientnetRows,
  ...efficientnetV2Rows,
  ...mobilenetRows,
  ...mobilenetV2Rows,
  ...mobilenetV3Rows,
  ...vggRows,
  ...resnetRows,
  ...resnetV2Rows,
  ...inceptionV3Rows,
  ...inceptionResnetV2Rows,
  ...xceptionRows,
  ...densenetRows,
  ...nasnetRows,
  ...convnextRows,
];
