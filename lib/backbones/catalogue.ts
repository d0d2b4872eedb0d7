import type { BackboneRow } from './catalogue/backbone-row.ts';
import { efficientnetRows } from './catalogue/efficientnet.ts';
import { efficientnetV2Rows } from './catalogue/efficientnet-v2.ts';

/** Every backbone that Graft can build, one row a model. Data only. */
export const catalogue: readonly BackboneRow[] = [...efficientnetRows, ...efficientnetV2Rows];
