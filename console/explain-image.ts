import type { Client } from '../lib/client/client.ts';
import type { EvaluatedImage } from '../lib/contracts/evaluated-images.ts';
import { keepRecent } from '../lib/keep-recent.ts';
import { cancellable } from './api.ts';
import { withinRequest } from './within-request.ts';

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
  if (known !== undefined) return keepRecent(drawn, key, known, MOST_KEPT);
  const before = last.catch(() => {});
  const result = before.then(async () => {
    if (signal.aborted) return undefined;
    const source = drawn.get(key) ?? (await explain(wanted, cancellable(signal)));
    return source && keepRecent(drawn, key, source, MOST_KEPT);
  });
  last = result;
  return result;
}

async function explain({ reference, label, request }: WantedPicture, client: Client): Promise<string | undefined> {
  const { bytes } = await withinRequest(new Blob([new Uint8Array(await client.fetchFile({ request }))]));
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
