import { PageError } from './page-error.ts';
import { text } from './strings.ts';

/** The largest image that one request of the API takes. */
const MOST_BYTES = 4 * 2 ** 20;
/** Pixels of the longer side of what is sent instead of a larger image. A network sees far fewer. */
const SMALLER_SIDE = 1600;

/** The bytes of an image, or of a smaller copy of one that is too large for a request. */
export interface SentImage {
  readonly bytes: Uint8Array;
  /** Pixels of the copy; undefined for the image itself. */
  readonly copy?: { readonly width: number; readonly height: number };
}

/** @throws PageError if an image is too large, and the browser cannot read it */
export async function withinRequest(image: Blob): Promise<SentImage> {
  if (image.size <= MOST_BYTES) return { bytes: await bytesOf(image) };
  const bitmap = await createImageBitmap(image).catch(() => {
    throw tooLarge();
  });
  try {
    for (let side = SMALLER_SIDE; ; side /= 2) {
      const { width, height, file } = await drawSmaller(bitmap, side);
      if (file.size <= MOST_BYTES) return { bytes: await bytesOf(file), copy: { width, height } };
    }
  } finally {
    bitmap.close();
  }
}

/** Draws an image upright and without transparency, which becomes white as in predictions. */
async function drawSmaller(bitmap: ImageBitmap, side: number) {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const [width = 1, height = 1] = [bitmap.width, bitmap.height].map((pixels) => Math.max(1, Math.round(pixels * scale)));
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  if (context === null) throw tooLarge();
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9));
  if (file === null) throw tooLarge();
  return { width, height, file };
}

async function bytesOf(image: Blob): Promise<Uint8Array> {
  return new Uint8Array(await image.arrayBuffer());
}

function tooLarge(): PageError {
  return new PageError(text.try.tooLarge, text.try.tooLargeFix);
}
