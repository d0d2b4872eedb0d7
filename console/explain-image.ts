import type { Client } from '../lib/client/client.ts';
import type { EvaluatedImage } from '../lib/contracts/evaluated-images.ts';
import { cancellable } from './api.ts';

/** The largest image that one request of the API takes. */
export const MOST_BYTES = 4 * 2 ** 20;
/** Pixels of the longer side of what is sent instead of a larger image; an explanation has far fewer. */
const SMALLER_SIDE = 1600;
const MOST_KEPT = 24;

/** An image, and what of its prediction is to be explained. */
interface WantedPicture {
  /** `NAME@VERSION` */
  readonly reference: string;
  readonly label: string;
  readonly request: NonNullable<EvaluatedImage['request']>;
}

/** Sources of `img` elements, the last used ones last. */
const drawn = new Map<string, string>();
/** An explanation takes up to ten predictions, so one at a time leaves the server free for others. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Draws over an image where a version of a model finds evidence for a label. The model keeps none of these predictions.
 * @param key what the picture depends on: drawn pictures are kept by it
 * @param signal ends the work when the picture is not wanted any more
 * @returns the source of an `img` element; undefined after the signal, or without an explanation
 */
export async function explainImage(key: string, wanted: WantedPicture, signal: AbortSignal): Promise<string | undefined> {
  const known = drawn.get(key);
  if (known !== undefined) return remember(key, known);
  const before = last.catch(() => {});
  const result = before.then(async () => {
    if (signal.aborted) return undefined;
    const source = drawn.get(key) ?? (await explain(wanted, cancellable(signal)));
    return source && remember(key, source);
  });
  last = result;
  return result;
}

function remember(key: string, source: string): string {
  drawn.delete(key);
  drawn.set(key, source);
  for (const oldest of drawn.keys()) if (drawn.size > MOST_KEPT) drawn.delete(oldest);
  return source;
}

async function explain({ reference, label, request }: WantedPicture, client: Client): Promise<string | undefined> {
  const bytes = await within(await client.fetchFile({ request }));
  const { predictions } = await client.models.predict(reference, [{ name: 'image', bytes }], {
    explain: true,
    explainLabel: label,
    explainOverlay: true,
    keep: false,
    topK: 1,
  });
  const overlay = predictions[0]?.explanation?.overlay;
  return overlay === undefined ? undefined : `data:image/png;base64,${overlay}`;
}

/** The bytes of an image, or of a smaller copy of one that is too large for a request. */
async function within(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length <= MOST_BYTES) return bytes;
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
  const scale = Math.min(1, SMALLER_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = Object.assign(document.createElement('canvas'), {
    width: Math.round(bitmap.width * scale),
    height: Math.round(bitmap.height * scale),
  });
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const copy = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9));
  return copy === null ? bytes : new Uint8Array(await copy.arrayBuffer());
}
