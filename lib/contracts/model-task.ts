import { z } from 'zod';

/**
 * What a model predicts: one label of several; any number of labels; or, of a `one-class` model, whether an image is
 * like those of the only class.
 */
export const ModelTask = z.enum(['single-label', 'multi-label', 'one-class']);
export type ModelTask = z.infer<typeof ModelTask>;
