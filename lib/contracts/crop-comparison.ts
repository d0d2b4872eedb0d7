import { z } from 'zod';

/** How squeezed images compare with cropped ones. */
export const CropComparison = z.strictObject({
  /** By how much the mean loss of held-out images is lower if they are cropped. */
  gain: z.number(),
  standardError: z.number(),
  isCropped: z.boolean(),
});
export type CropComparison = z.infer<typeof CropComparison>;
