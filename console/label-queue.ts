import type { SetLabelsInput } from '../lib/contracts/dataset-http.ts';
import type { Suggestions } from '../lib/contracts/suggestions.ts';
import { GraftError } from '../lib/errors.ts';
import { mayPass } from './may-pass.ts';

/**
 * Labels that are sent together: after each such batch, the server fits its head again, and stores a version with all
 * images. So batches grow with the labels: a tenth more labels hardly changes the head, and 5,000 labels make some 120
 * versions instead of 1,000.
 */
const BATCH = { least: 5, most: 50, share: 0.1 };
/** Pause before labels are sent again that could not be sent. */
const RETRY_MS = 2_000;
/** Attempts to send labels while others set labels, too. */
const MOST_TRIES = 5;

/** The size of a batch. @param labelled images of the data set that have a label */
export function batchSize(labelled: number): number {
  return Math.min(Math.max(Math.floor(labelled * BATCH.share), BATCH.least), BATCH.most);
}

type Seen = Pick<Suggestions, 'digest' | 'next' | 'labelled'>;

export type NextImage = Suggestions['next'][number];
type SetLabel = SetLabelsInput['labels'][number];

/** What the queue needs of the API. */
export interface LabelServer {
  /** @throws ConflictError DATASET_VERSION_CHANGED */
  setLabels(request: SetLabelsInput): Promise<{ readonly digest: string }>;
  /** The digest of the latest version. */
  latest(): Promise<string>;
  /** The labels of these images in the latest version, by path; null for an image without a label. */
  labelsOf(paths: readonly string[]): Promise<ReadonlyMap<string, readonly string[] | null>>;
}

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
 * @param onChange called after each change of what the queue holds
 * @param onSent called after labels were sent
 * @param later calls a function after a pause
 */
export function openLabelQueue(
  server: LabelServer,
  {
    onChange,
    onSent,
    later = (act) => void setTimeout(act, RETRY_MS),
  }: { onChange(): void; onSent(): void; later?(act: () => void): void },
) {
  let state: Seen | undefined;
  let base: string | undefined;
  let entries: readonly Entry[] = [];
  let skipped: ReadonlySet<string> = new Set();
  let first: NextImage | undefined;
  let failure: unknown;
  let running = 0;
  let last: Promise<unknown> = Promise.resolve();

  const unsent = () => entries.filter(({ stage }) => stage !== 'sent');
  const isLabelled = (path: string) => entries.some(({ labels }) => labels.some(({ image }) => image === path));
  const isDone = (path: string) => skipped.has(path) || isLabelled(path);
  const shown = () => [...(first ? [first] : []), ...(state?.next ?? [])].find(({ path }) => !isDone(path));
  const remove = (entry: Entry) => {
    entries = entries.filter((each) => each !== entry);
    first = entry.image;
  };

  /** Runs `act` after everything that was asked for before. @returns whether it succeeded */
  function inTurn(act: () => Promise<void>): Promise<boolean> {
    running++;
    const result = last.then(async () => {
      try {
        await act();
        return true;
      } catch (problem) {
        failure = problem;
        return false;
      } finally {
        running--;
        onChange();
      }
    });
    last = result;
    onChange();
    return result;
  }

  /** @param isWanted whether to send a label once more, after others set labels @returns the labels that were sent */
  async function send(
    given: readonly SetLabel[],
    isWanted: (label: SetLabel, now: readonly string[] | null | undefined) => boolean,
  ): Promise<ReadonlySet<SetLabel>> {
    let labels = given;
    for (let tries = 1; labels.length > 0; tries++) {
      try {
        base = (await server.setLabels({ ...(base !== undefined && { base }), labels: [...labels] })).digest;
        break;
      } catch (error) {
        if (!(error instanceof GraftError && error.code === 'DATASET_VERSION_CHANGED') || tries === MOST_TRIES) throw error;
        base = await server.latest();
        const now = await server.labelsOf(labels.map(({ image }) => image));
        labels = labels.filter((label) => isWanted(label, now.get(label.image)));
      }
    }
    onSent();
    return new Set(labels);
  }

  function flush(): Promise<boolean> {
    failure = undefined;
    return inTurn(async () => {
      const batch = entries.filter(({ stage }) => stage === 'pending');
      if (batch.length === 0) return;
      for (const entry of batch) entry.stage = 'sending';
      try {
        const own = await send(
          batch.flatMap(({ labels }) => labels),
          (_, now) => now === null,
        );
        for (const entry of batch) {
          entry.stage = 'sent';
          // Only own labels are undone; the others are of somebody else.
          entry.labels = entry.labels.filter((label) => own.has(label));
        }
      } catch (error) {
        for (const entry of batch) entry.stage = 'pending';
        // All images that were fetched may have labels by now: then no key would send these again.
        if (mayPass(error)) later(() => void flush());
        throw error;
      }
    });
  }

  async function undoSent(entry: Entry): Promise<void> {
    if (entry.stage === 'pending') return remove(entry);
    const isOwn = ({ image, labels }: SetLabel, now: ReadonlyMap<string, readonly string[] | null>) =>
      labels?.length === 1 && now.get(image)?.length === 1 && now.get(image)?.[0] === labels[0];
    try {
      const now = await server.labelsOf(entry.labels.map(({ image }) => image));
      const own = new Map(entry.labels.filter((label) => isOwn(label, now)).map((label) => [label.image, label]));
      await send(
        [...own.keys()].map((image) => ({ image, labels: null })),
        ({ image }, label) => label?.[0] === own.get(image)?.labels?.[0],
      );
      remove(entry);
    } catch (error) {
      entry.isUndone = false;
      throw error;
    }
  }

  return {
    /** Takes what the server knows now. */
    see(seen: Seen): void {
      if (seen === state) return;
      state = seen;
      if (running === 0) base = seen.digest;
    },
    get current(): NextImage | undefined {
      return shown();
    },
    /** Number of labels that are not sent yet. */
    get pending(): number {
      return unsent().reduce((total, { labels }) => total + labels.length, 0);
    },
    get isSending(): boolean {
      return running > 0;
    },
    get canUndo(): boolean {
      return entries.some(({ isUndone, labels }) => !isUndone && labels.length > 0);
    },
    get failure(): unknown {
      return failure;
    },
    isLabelled,
    /** Sends all labels that are not sent yet. @returns whether that succeeded */
    flush,
    /** Labels the image that is shown. */
    label(label: string): void {
      const image = shown();
      if (image === undefined) return;
      entries = [...entries, { labels: [{ image: image.path, labels: [label] }], image, stage: 'pending', isUndone: false }];
      if (unsent().length >= batchSize(state?.labelled ?? 0) || shown() === undefined) void flush();
      else onChange();
    },
    skip(): void {
      const image = shown();
      if (image === undefined) return;
      skipped = new Set([...skipped, image.path]);
      // The last of the images that were fetched: begin with them once more.
      if (shown() === undefined) skipped = new Set();
      onChange();
    },
    /** Sends labels of suggestions at once. If that fails, they are suggestions still. */
    async accept(labels: readonly SetLabel[]): Promise<void> {
      const entry: Entry = { labels: labels.filter(({ image }) => !isLabelled(image)), stage: 'pending', isUndone: false };
      entries = [...entries, entry];
      if (await flush()) return;
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
      entry.isUndone = true;
      failure = undefined;
      void inTurn(() => undoSent(entry));
    },
  };
}
