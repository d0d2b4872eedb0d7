import { PageError } from '../page-error.ts';
import { text } from '../strings.ts';
import {
  afterUndo,
  currentImage,
  type Entry,
  isLabelled,
  labelledImages,
  lastEntry,
  type NextImage,
  NO_LABELS,
  openImages,
  pinCurrent,
  type Seen,
  takenBackImage,
  withEntry,
  withoutEntry,
  withSeen,
  withSent,
  withSkipped,
} from './label-entries.ts';
import { type LabelServer, type Labels, type Sent, type SetLabel, sendLabels } from './send-labels.ts';
import { type Later, openTurns } from './turns.ts';
import { sendUnlessRefused } from './unless-refused.ts';

/**
 * Labels that are sent together: after each such batch, the server fits its head again, and stores a version with all
 * images. So batches grow with the labels: a tenth more labels hardly changes the head, and 5,000 labels make some 120
 * versions instead of 1,000.
 */
const BATCH = { least: 5, most: 50, share: 0.1 };

/** The size of a batch. @param labelled images of the data set that have a label */
export function batchSize(labelled: number): number {
  return Math.min(Math.max(Math.floor(labelled * BATCH.share), BATCH.least), BATCH.most);
}

export type LabelQueue = ReturnType<typeof openLabelQueue>;

/**
 * The labels that a page gives: it sends them in batches, one request at a time, and keeps those that are given meanwhile.
 * If another page set labels, it leaves out images that are labelled by now, and sends the others on top of that version.
 * Labels that the server refuses are dropped, and their images are asked about again.
 * @param onChange called after each change of what the queue holds
 * @param onSent called after labels were sent
 */
export function openLabelQueue(
  server: LabelServer,
  { onChange, onSent, later }: { onChange(): void; onSent(): void; later?: Later },
) {
  let state = NO_LABELS;
  let base: string | undefined;
  let refusal: unknown;
  /** Labels that the server may have, although their request failed. */
  const tried = new WeakSet<SetLabel>();
  const turns = openTurns(sendPending, onChange, later);
  const pending = () => state.entries.filter(({ stage }) => stage === 'pending');
  /** The image that a key labels or skips: none while the one that is shown has a label that is being taken back. */
  const askedImage = () => (takenBackImage(state) === undefined ? openImages(state)[0] : undefined);

  /** @param isWanted as that of `sendLabels` */
  async function send(labels: readonly SetLabel[], isWanted: Parameters<typeof sendLabels>[2]['isWanted']): Promise<Sent> {
    const sent = await sendLabels(server, labels, { base, isWanted, tried });
    base = sent.digest;
    return sent;
  }

  /** To call at once after the entries of sent labels have changed: with their entries, these labels would count twice. */
  function countSent({ labels, digest }: Sent): void {
    const added = [...labels].reduce((total, { labels: given }) => total + (given === null ? -1 : 1), 0);
    if (digest !== undefined) state = withSent(state, { digest, added });
    onSent();
  }

  async function sendTogether(batch: readonly Entry[]): Promise<void> {
    const labels = batch.flatMap((entry) => entry.labels);
    const sent = await send(labels, (_, now) => now === null);
    for (const entry of batch) {
      entry.stage = 'sent';
      // Only own labels are undone; the others are of somebody else.
      entry.labels = entry.labels.filter((label) => sent.labels.has(label));
    }
    if (sent.labels.size < labels.length) refusal = new PageError(text.label.leftOut(labels.length - sent.labels.size));
    countSent(sent);
  }

  // All images that were fetched may have labels by now: then no key sends these again after a failure, but `turns` does.
  async function sendPending(): Promise<void> {
    const batch = pending();
    if (batch.length === 0) return;
    for (const entry of batch) entry.stage = 'sending';
    refusal = undefined;
    try {
      await sendUnlessRefused(batch, sendTogether, (entry, error) => {
        state = withoutEntry(state, entry);
        refusal = error;
      });
    } catch (error) {
      for (const entry of batch) if (entry.stage === 'sending') entry.stage = 'pending';
      throw error;
    }
  }

  async function undoSent(entry: Entry): Promise<void> {
    if (entry.stage === 'pending') {
      state = afterUndo(state, entry);
      return;
    }
    const isOwn = ({ image, labels }: SetLabel, now: ReadonlyMap<string, Labels>) =>
      labels?.length === 1 && now.get(image)?.length === 1 && now.get(image)?.[0] === labels[0];
    try {
      const now = await server.labelsOf(entry.labels.map(({ image }) => image));
      const own = new Map(entry.labels.filter((label) => isOwn(label, now)).map((label) => [label.image, label]));
      const sent = await send(
        [...own.keys()].map((image) => ({ image, labels: null })),
        ({ image }, label) => label?.[0] === own.get(image)?.labels?.[0],
      );
      state = afterUndo(state, entry);
      countSent(sent);
    } catch (error) {
      entry.isUndone = false;
      throw error;
    }
  }

  return {
    /** Takes what the server knows now. The image that is shown stays, so that no key labels another one. */
    see(seen: Seen): void {
      if (seen === state.seen) return;
      state = withSeen(state, seen);
      if (!turns.isRunning) base = seen.digest;
    },
    get current(): NextImage | undefined {
      return currentImage(state);
    },
    /** Number of images of the data set that have a label, with those that were given here. */
    get labelled(): number {
      return labelledImages(state);
    },
    /** Number of labels that are not sent yet. */
    get pending(): number {
      return state.entries.reduce((total, { stage, labels }) => total + (stage === 'sent' ? 0 : labels.length), 0);
    },
    get isSending(): boolean {
      return turns.isRunning;
    },
    /** Whether the image that is shown has a label that is being taken back: until then, it takes no other one. */
    get isUndoing(): boolean {
      return takenBackImage(state) !== undefined;
    },
    get canUndo(): boolean {
      return lastEntry(state) !== undefined;
    },
    get failure(): unknown {
      return turns.failure ?? refusal;
    },
    isLabelled: (path: string) => isLabelled(state, path),
    /** Whether an image was given this label here. */
    hasLabel: (label: string) => state.entries.some(({ labels }) => labels.some((given) => given.labels?.includes(label))),
    /** Sends all labels that are not sent yet. @returns whether that succeeded */
    flush: turns.flush,
    /** Labels the image that is shown. */
    label(label: string): void {
      const image = askedImage();
      if (image === undefined) return;
      state = withEntry(state, { labels: [{ image: image.path, labels: [label] }], image, stage: 'pending', isUndone: false });
      const isBatch = pending().length >= batchSize(state.seen?.labelled ?? 0);
      if (isBatch || currentImage(state) === undefined) void turns.flush();
      else onChange();
    },
    skip(): void {
      const image = askedImage();
      if (image === undefined) return;
      state = withSkipped(state, image);
      onChange();
    },
    /** Sends labels of suggestions at once. If that fails, they are suggestions still. */
    async accept(labels: readonly SetLabel[]): Promise<void> {
      const given = labels.filter(({ image }) => !isLabelled(state, image));
      const entry: Entry = { labels: given, stage: 'pending', isUndone: false };
      state = withEntry(state, entry);
      if (await turns.flush()) return;
      if (entry.stage === 'pending') state = withoutEntry(state, entry);
      onChange();
    },
    /** Takes the last label back, or the last suggestions that were accepted together. */
    undo(): void {
      const entry = lastEntry(state);
      if (entry === undefined) return;
      if (entry.stage === 'pending') {
        state = afterUndo(state, entry);
        onChange();
        return;
      }
      state = pinCurrent(state);
      entry.isUndone = true;
      void turns.inTurn(() => undoSent(entry));
    },
  };
}
