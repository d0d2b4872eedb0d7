import type { NetworkInput } from '../../../lib/contracts/network-input.ts';
import { decodeImage } from '../../../lib/images/decode-image.ts';
import { fitToInput } from '../../../lib/images/fit-to-input.ts';

/** Decodes an image file to a network's input, float32 [height, width, 3]. */
export async function readImage(bytes: Uint8Array, input: NetworkInput): Promise<Float32Array> {
  return fitToInput(await decodeImage(bytes), input);
}
