/** Which predictions a model keeps on request, and what it keeps of each. */
import { z } from 'zod';
import { Name, Time } from './names.ts';

/** The most that a model version keeps a day. */
const MOST_A_DAY = 10_000;
/** The longest that a prediction is kept. */
export const MOST_DAYS = 365;

/** PUT /v1/models/{name}/keeping: which predictions a model keeps. */
export const Keeping = z.strictObject({
  /** Share of the predictions, drawn at random. 0 keeps no more; those that were kept stay until their days are over. */
  share: z.number().min(0).max(1).default(0.1),
  /** The most of each version a day, in UTC. */
  perDay: z.int().min(1).max(MOST_A_DAY).default(1000),
  /** Also keeps the bytes of the images. */
  images: z.boolean().default(false),
  /** Days after which a kept prediction is removed. */
  days: z.int().min(1).max(MOST_DAYS).default(30),
});
export type Keeping = z.infer<typeof Keeping>;

/** The setting of a model that keeps predictions. */
const SetKeeping = Keeping.extend({
  /** When keeping was turned on. */
  since: Time,
});

/** The setting as stored in the model's record. */
export const StoredKeeping = SetKeeping.extend({
  /** A part of the keys of what is kept, new each time that keeping is turned on. What has another one is removed. */
  period: z.string().regex(/^[0-9a-z]+(?:-[0-9a-z]+)*$/),
});
export type StoredKeeping = z.infer<typeof StoredKeeping>;

/** GET /v1/models/{name}/keeping; null: the model keeps nothing. */
export const ModelKeeping = z.strictObject({ model: Name, keeping: SetKeeping.nullable() });
export type ModelKeeping = z.infer<typeof ModelKeeping>;

/** A kept prediction. */
export const KeptPrediction = z.strictObject({
  at: Time,
  /** The most probable label. */
  label: z.string(),
  /** Its probability. */
  confidence: z.number(),
  /** Of a multi-label model: the labels that were given, the most probable first, at most 20. */
  labels: z.array(z.string()).optional(),
  /** As in the prediction; absent if the model has no novelty score. */
  known: z.boolean().optional(),
  unknownScore: z.number().optional(),
  /** Bytes of the image, if it was kept. */
  imageBytes: z.int().min(1).optional(),
});
export type KeptPrediction = z.infer<typeof KeptPrediction>;
