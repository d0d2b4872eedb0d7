import { defaultLimits, openImage } from './open-image.ts';

/** A small JPEG of an image, at most `side` pixels wide and high, on white. @param bytes of an image that `decodeImage` takes */
export async function thumbnail(bytes: Uint8Array, side: number): Promise<Uint8Array> {
  return openImage(bytes, defaultLimits)
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 70 })
    .toBuffer();
}
