/** Lists of kept predictions. */
import { z } from 'zod';
import { FileLink } from './file-link.ts';
import { KeptPrediction, MOST_DAYS } from './keeping.ts';
import { Name } from './names.ts';
import { queryFlag, queryIntegerOr, queryNumber } from './query-number.ts';

/** A kept prediction in a list. */
export const ListedPrediction = KeptPrediction.extend({
  /** `DAY/SLOT` */
  id: z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}\/[0-9]+$/),
  /** The image, if it was kept. */
  image: FileLink.optional(),
});
export type ListedPrediction = z.infer<typeof ListedPrediction>;

/** GET /v1/models/{ref}/kept-predictions: oldest day first. A page may have fewer than `limit`, also if `next` is there. */
export const KeptPredictionList = z.strictObject({
  model: Name,
  version: z.int().min(1),
  /** With `unsure`: the confidence below which a prediction is unsure. */
  unsureBelow: z.number().optional(),
  predictions: z.array(ListedPrediction),
  next: z.string().optional(),
});
export type KeptPredictionList = z.infer<typeof KeptPredictionList>;

/** The days up to now that count. */
const days = queryNumber(z.int().min(1).max(MOST_DAYS));

export const KeptPredictionQuery = z.strictObject({
  /** Default: all. */
  days: days.optional(),
  /** Only predictions with an image. */
  images: queryFlag().optional(),
  /** Only images unlike those of the data set; with `unsure`: these and those. */
  unknown: queryFlag().optional(),
  /** Only predictions less confident than nine tenths of those on the evaluated images. */
  unsure: queryFlag().optional(),
  after: z.string().max(100).optional(),
  limit: queryIntegerOr(z.int().min(1).max(1000), 100),
});
export type KeptPredictionQuery = z.infer<typeof KeptPredictionQuery>;
