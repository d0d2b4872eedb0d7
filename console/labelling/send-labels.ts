import type { SetLabelsInput } from '../../lib/contracts/dataset-http.ts';
import { MOST_LABELS_AT_ONCE } from '../../lib/contracts/request-limits.ts';
import { GraftError } from '../../lib/errors.ts';
import { mayBeDone } from '../may-pass.ts';

/** Labels of an image; null: none. */
export type Labels = readonly string[] | null;
export type SetLabel = SetLabelsInput['labels'][number];

/** What a page that labels images needs of the API. */
export interface LabelServer {
  /** @throws ConflictError DATASET_VERSION_CHANGED; NotFoundError LABEL_IMAGE_NOT_FOUND */
  setLabels(request: SetLabelsInput): Promise<{ readonly digest: string }>;
  /** The digest of the latest version. */
  latest(): Promise<string>;
  /** The labels of these images in the latest version, by path, without images that it lacks. */
  labelsOf(paths: readonly string[]): Promise<ReadonlyMap<string, Labels>>;
}

/** Attempts to send labels while others change the data set, too. */
const MOST_TRIES = 5;
/**
 * Most bytes of the labels of one request. It uses `keepalive` to outlive its page, and a browser fails such requests
 * whose bodies take more than 64 KiB together: so two fit at once.
 */
const MOST_BYTES = 30_000;
/** Codes of requests that would succeed with the images and the digest of the latest version. */
const OUTDATED = ['DATASET_VERSION_CHANGED', 'LABEL_IMAGE_NOT_FOUND'];

export interface Sent {
  readonly labels: ReadonlySet<SetLabel>;
  /** Of the last version that was made. */
  readonly digest: string | undefined;
  /** The last refusal after which labels were left out. */
  readonly refusal: unknown;
}

interface SendOptions {
  readonly base?: string | undefined;
  isWanted(label: SetLabel, now: Labels | undefined): boolean;
  readonly tried?: WeakSet<SetLabel>;
}

/**
 * Sets labels, in several requests where they are too many for one. If others changed the data set meanwhile, the labels
 * that are still wanted are set on its latest version.
 * @param base the digest that must still be the latest version's; default: whichever is the latest
 * @param isWanted whether to set a label on a later version; `now`: what the image has there, undefined if it is gone
 * @param tried labels that earlier calls may have set before they failed, to which this call adds its own. On a later
 * version, the same label of an image counts as sent only if it is one of them; otherwise it is somebody else's
 */
export async function sendLabels(
  server: LabelServer,
  given: readonly SetLabel[],
  { base, isWanted, tried = new WeakSet() }: SendOptions,
): Promise<Sent> {
  const sent = new Set<SetLabel>();
  let digest = base;
  let refusal: unknown;
  let unsent = given;
  for (let tries = 1; unsent.length > 0; ) {
    const some = firstRequest(unsent);
    try {
      const version = await server.setLabels({ ...(digest !== undefined && { base: digest }), labels: [...some] });
      digest = version.digest;
      for (const label of some) {
        sent.add(label);
        tried.add(label);
      }
      unsent = unsent.slice(some.length);
    } catch (error) {
      if (mayBeDone(error)) for (const label of some) tried.add(label);
      if (!(error instanceof GraftError && OUTDATED.includes(error.code)) || tries++ === MOST_TRIES) throw error;
      digest = await server.latest();
      const now = await server.labelsOf(unsent.map(({ image }) => image));
      for (const label of unsent) if (tried.has(label) && isSame(now.get(label.image), label.labels)) sent.add(label);
      const unset = unsent.filter((label) => !sent.has(label));
      unsent = unset.filter((label) => isWanted(label, now.get(label.image)));
      if (unsent.length < unset.length) refusal = error;
    }
  }
  return { labels: sent, digest, refusal };
}

/** As many of the first labels as one request may have. */
function firstRequest(labels: readonly SetLabel[]): readonly SetLabel[] {
  let bytes = 0;
  const end = labels.findIndex((label, index) => {
    bytes += new TextEncoder().encode(JSON.stringify(label)).length + 1;
    return index === MOST_LABELS_AT_ONCE || (index > 0 && bytes > MOST_BYTES);
  });
  return end < 0 ? labels : labels.slice(0, end);
}

/** Whether two images are known to have the same labels. */
export function isSame(a: Labels | undefined, b: Labels | undefined): boolean {
  if (!a || !b) return a === b && a !== undefined;
  return a.length === b.length && a.every((label, index) => label === b[index]);
}
