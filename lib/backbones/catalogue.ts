import type { BackboneRow } from './catalogue/backbone-row.ts';
import { efficientnetRows } from './catalogue/efficientnet.ts';

/** Every backbone that Graft can build, one row a model. Data only. */
export const catalogue: readonly BackboneRow[] = [...efficientnetRows];
