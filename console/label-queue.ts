import type { Suggestions } from '../lib/contracts/suggestions.ts';
import { PageError } from './page-error.ts';
import { isSame, type LabelServer, type Labels, type SetLabel, sendLabels } from './send-labels.ts';
import { text } from './strings.ts';
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

type Seen = Pick<Suggestions, 'digest' | 'next' | 'labelled'>;

export type NextImage = Suggestions['next'][number];

/** Labels that were given together, and are undone together. */
interface Entry {
  labels: readonly SetLabel[];
  /** The image that was shown; undefined for accepted suggestions. */
  readonly image?: NextImage;
  stage: 'pending' | 'sending' | 'sent';
  isUndone: boolean;
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
  let state: Seen | undefined;
  let base: string | undefined;
  let entries: readonly Entry[] = [];
  let skipped: ReadonlySet<string> = new Set();
  let first: NextImage | undefined;
  let refusal: unknown;
  const turns = openTurns(sendPending, onChange, later);

  const pending = () => entries.filter(({ stage }) => stage === 'pending');
  const unsent = () => entries.filter(({ stage }) => stage !== 'sent');
  const isLabelled = (path: string) => entries.some(({ labels }) => labels.some(({ image }) => image === path));
  const isDone = (path: string) => skipped.has(path) || isLabelled(path);
  const left = () => [...(first ? [first] : []), ...(state?.next ?? [])].filter(({ path }) => !isDone(path));
  /** The image whose label the server still has, but that somebody takes back: of several, the last one that was asked for. */
  const takenBack = () => entries.find(({ isUndone, image }) => isUndone && image !== undefined)?.image;
  const shown = () => takenBack() ?? left()[0];
  const drop = (entry: Entry) => {
    entries = entries.filter((each) => each !== entry);
  };
  /** The image that is shown stays, if the entry has none. */
  const remove = (entry: Entry) => {
    const image = entry.image ?? left()[0];
    drop(entry);
    first = image;
  };

  /** @param options as those of `sendLabels` @returns the labels that were sent */
  async function send(
    labels: readonly SetLabel[],
    options: Pick<Parameters<typeof sendLabels>[2], 'isWanted' | 'isSet'>,
  ): Promise<ReadonlySet<SetLabel>> {
    const sent = await sendLabels(server, labels, { base, ...options });
    base = sent.digest;
    onSent();
    return sent.labels;
  }

  async function sendTogether(batch: readonly Entry[]): Promise<void> {
    const labels = batch.flatMap((entry) => entry.labels);
    const own = await send(labels, {
      isWanted: (_, now) => now === null,
      isSet: (label, now) => isSame(now, label.labels),
    });
    for (const entry of batch) {
      entry.stage = 'sent';
      // Only own labels are undone; the others are of somebody else.
      entry.labels = entry.labels.filter((label) => own.has(label));
    }
    if (own.size < labels.length) refusal = new PageError(text.label.leftOut(labels.length - own.size));
  }

  // All images that were fetched may have labels by now: then no key sends these again after a failure, but `turns` does.
  async function sendPending(): Promise<void> {
    const batch = pending();
    if (batch.length === 0) return;
    for (const entry of batch) entry.stage = 'sending';
    refusal = undefined;
    try {
      await sendUnlessRefused(batch, sendTogether, (entry, error) => {
        drop(entry);
        refusal = error;
      });
    } catch (error) {
      for (const entry of batch) if (entry.stage === 'sending') entry.stage = 'pending';
      throw error;
    }
  }

  async function undoSent(entry: Entry): Promise<void> {
    if (entry.stage === 'pending') return remove(entry);
    const isOwn = ({ image, labels }: SetLabel, now: ReadonlyMap<string, Labels>) =>
      labels?.length === 1 && now.get(image)?.length === 1 && now.get(image)?.[0] === labels[0];
    try {
      const now = await server.labelsOf(entry.labels.map(({ image }) => image));
      const own = new Map(entry.labels.filter((label) => isOwn(label, now)).map((label) => [label.image, label]));
      await send(
        [...own.keys()].map((image) => ({ image, labels: null })),
        { isWanted: ({ image }, label) => label?.[0] === own.get(image)?.labels?.[0] },
      );
      remove(entry);
    } catch (error) {
      entry.isUndone = false;
      throw error;
    }
  }

  return {
    /** Takes what the server knows now. The image that is shown stays, so that no key labels another one. */
    see(seen: Seen): void {
      if (seen === state) return;
      const [image] = left();
      // The links of the newer list expire later.
      first = seen.next.find(({ path }) => path === image?.path) ?? image;
      state = seen;
      if (!turns.isRunning) base = seen.digest;
    },
    get current(): NextImage | undefined {
      return shown();
    },
    /** Number of labels that are not sent yet. */
    get pending(): number {
      return unsent().reduce((total, { labels }) => total + labels.length, 0);
    },
    get isSending(): boolean {
      return turns.isRunning;
    },
    /** Whether the image that is shown has a label that is being taken back: until then, it takes no other one. */
    get isUndoing(): boolean {
      return takenBack() !== undefined;
    },
    get canUndo(): boolean {
      return entries.some(({ isUndone, labels }) => !isUndone && labels.length > 0);
    },
    get failure(): unknown {
      return turns.failure ?? refusal;
    },
    isLabelled,
    /** Whether an image was given this label here. */
    hasLabel: (label: string) => entries.some(({ labels }) => labels.some((given) => given.labels?.includes(label))),
    /** Sends all labels that are not sent yet. @returns whether that succeeded */
    flush: turns.flush,
    /** Labels the image that is shown. */
    label(label: string): void {
      const [image] = left();
      if (image === undefined || takenBack() !== undefined) return;
      entries = [...entries, { labels: [{ image: image.path, labels: [label] }], image, stage: 'pending', isUndone: false }];
      if (pending().length >= batchSize(state?.labelled ?? 0) || shown() === undefined) void turns.flush();
      else onChange();
    },
    skip(): void {
      const [image] = left();
      if (image === undefined || takenBack() !== undefined) return;
      skipped = new Set([...skipped, image.path]);
      // The last of the images that were fetched: begin with them once more.
      if (shown() === undefined) skipped = new Set();
      onChange();
    },
    /** Sends labels of suggestions at once. If that fails, they are suggestions still. */
    async accept(labels: readonly SetLabel[]): Promise<void> {
      const entry: Entry = { labels: labels.filter(({ image }) => !isLabelled(image)), stage: 'pending', isUndone: false };
      entries = [...entries, entry];
      if (await turns.flush()) return;
      if (entry.stage === 'pending') entries = entries.filter((each) => each !== entry);
      onChange();
    },
    /** Takes the last label back, or the last suggestions that were accepted together. */
    undo(): void {
      const entry = entries.findLast(({ isUndone, labels }) => !isUndone && labels.length > 0);
      if (entry === undefined) return;
      if (entry.stage === 'pending') {
        remove(entry);
        onChange();
        return;
      }
      first = left()[0];
      entry.isUndone = true;
      void turns.inTurn(() => undoSent(entry));
    },
  };
}
