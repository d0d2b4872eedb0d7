import type { ServedCard } from '../contracts/served-card.ts';
import type { decodeWithinMemory } from '../images/decode-within-memory.ts';
import { fitToInput, networkInput, visiblePart } from '../images/fit-to-input.ts';
import type { DecodedImage } from './explain-images.ts';

/**
 * Decodes an image to a model's input.
 * @param decode the decoder, which this module does not import, because that would load libvips
 * @throws DataError IMAGE_*
 */
export async function decodeFor(
  { input: ofModel }: Pick<ServedCard, 'input'>,
  bytes: Uint8Array,
  decode: typeof decodeWithinMemory,
): Promise<DecodedImage> {
  const input = networkInput(ofModel);
  return decode(bytes, (image) => ({ pixels: fitToInput(image, input), crop: visiblePart(image, input) }));
}
