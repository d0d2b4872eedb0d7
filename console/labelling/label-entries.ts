/** What a page that labels images one after the other holds, and how that changes. */
import type { Suggestions } from '../../lib/contracts/suggestions.ts';
import type { SetLabel } from './send-labels.ts';

/** What the server suggested last. */
export type Seen = Pick<Suggestions, 'digest' | 'next' | 'labelled'>;

/** Labels that were sent together. */
export interface SentLabels {
  /** Of the version that they made. */
  readonly digest: string;
  /** By how many more of its images have a label; negative after labels were taken back. */
  readonly added: number;
}

export type NextImage = Suggestions['next'][number];

/** Labels that were given together, and are undone together. Its queue changes its stage. */
export interface Entry {
  labels: readonly SetLabel[];
  /** The image that was shown; undefined for accepted suggestions. */
  readonly image?: NextImage;
  stage: 'pending' | 'sending' | 'sent';
  isUndone: boolean;
}

export interface LabelState {
  /** In the order in which they were given. */
  readonly entries: readonly Entry[];
  /** Paths of images that were skipped. */
  readonly skipped: ReadonlySet<string>;
  /** The image that stays the first one, although the server would ask about another one. */
  readonly pinned: NextImage | undefined;
  readonly seen: Seen | undefined;
  /** In the order in which they were sent: those of versions later than the one that is seen. */
  readonly unseen: readonly SentLabels[];
}

export const NO_LABELS: LabelState = { entries: [], skipped: new Set(), pinned: undefined, seen: undefined, unseen: [] };

/** Whether an image has a label that was given here. */
export function isLabelled({ entries }: LabelState, path: string): boolean {
  return entries.some(({ labels }) => labels.some(({ image }) => image === path));
}

/** The images that are still to be asked about. */
export function openImages(state: LabelState): readonly NextImage[] {
  const { pinned, seen, skipped } = state;
  return [...(pinned ? [pinned] : []), ...(seen?.next ?? [])].filter(
    ({ path }) => !skipped.has(path) && !isLabelled(state, path),
  );
}

/** The image whose label the server still has, but that somebody takes back: of several, the last one that was asked for. */
export function takenBackImage({ entries }: LabelState): NextImage | undefined {
  return entries.find(({ isUndone, image }) => isUndone && image !== undefined)?.image;
}

/** The image that is asked about. */
export function currentImage(state: LabelState): NextImage | undefined {
  return takenBackImage(state) ?? openImages(state)[0];
}

/** The entry that is undone next. */
export function lastEntry({ entries }: LabelState): Entry | undefined {
  return entries.findLast(({ isUndone, labels }) => !isUndone && labels.length > 0);
}

export function withEntry(state: LabelState, entry: Entry): LabelState {
  return { ...state, entries: [...state.entries, entry] };
}

/** Without an entry that was not sent: its images are asked about again. */
export function withoutEntry(state: LabelState, entry: Entry): LabelState {
  return { ...state, entries: state.entries.filter((each) => each !== entry) };
}

/** Without an entry that was taken back: its image is asked about next, or the present one if it has none. */
export function afterUndo(state: LabelState, entry: Entry): LabelState {
  return { ...withoutEntry(state, entry), pinned: entry.image ?? openImages(state)[0] };
}

/** The present image stays the first one. */
export function pinCurrent(state: LabelState): LabelState {
  return { ...state, pinned: openImages(state)[0] };
}

/** Takes what the server knows now. The image that is shown stays, so that no key labels another one. */
export function withSeen(state: LabelState, seen: Seen): LabelState {
  const [image] = openImages(state);
  // The links of the newer list expire later.
  const pinned = seen.next.find(({ path }) => path === image?.path) ?? image;
  return { ...state, seen, pinned, unseen: unseenAfter(state, seen) };
}

/** Takes labels that were sent, until what the server knows counts them. */
export function withSent(state: LabelState, sent: SentLabels): LabelState {
  // The version that is seen: of a request that was sent again, or of labels that were taken back before others were seen.
  return { ...state, unseen: sent.digest === state.seen?.digest ? [] : [...state.unseen, sent] };
}

/** Number of images that have a label, with those that were given here. */
export function labelledImages({ entries, seen, unseen }: LabelState): number {
  const given = entries.flatMap(({ stage, labels }) => (stage === 'sent' ? [] : labels)).length;
  return (seen?.labelled ?? 0) + unseen.reduce((total, { added }) => total + added, 0) + given;
}

function unseenAfter({ seen: before, unseen }: LabelState, { digest }: Seen): readonly SentLabels[] {
  // This answer was on its way when labels were sent.
  if (digest === before?.digest) return unseen;
  // Any other version is somebody else's, made from the last one: it counts all of them.
  const last = unseen.findLastIndex((sent) => sent.digest === digest);
  return last < 0 ? [] : unseen.slice(last + 1);
}

/** Skips an image. After the last of the images that were fetched, those that were skipped are asked about again. */
export function withSkipped(state: LabelState, { path }: NextImage): LabelState {
  const skipped = { ...state, skipped: new Set([...state.skipped, path]) };
  return currentImage(skipped) === undefined ? { ...state, skipped: new Set() } : skipped;
}
