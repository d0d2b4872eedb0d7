import type { BackboneRow } from './catalogue/backbone-row.ts';
import { efficientnetRows } from './catalogue/efficientnet.ts';
import { efficientnetV2Rows } from './catalogue/efficientnet-v2.ts';
import { mobilenetRows } from './catalogue/mobilenet.ts';
import { mobilenetV2Rows } from './catalogue/mobilenet-v2.ts';
import { mobilenetV3Rows } from './catalogue/mobilenet-v3.ts';

/** Every backbone that Graft can build, one row a model. Data only. */
export const catalogue: readonly BackboneRow[] = [
  ...efficientnetRows,
  ...efficientnetV2Rows,
  ...mobilenetRows,
  ...mobilenetV2Rows,
  ...mobilenetV3Rows,
];
