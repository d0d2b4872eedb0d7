import { isSame, type LabelServer, type Labels, type SetLabel, sendLabels } from './send-labels.ts';
import { type Later, openTurns } from './turns.ts';
import { sendUnlessRefused, unlessRefused } from './unless-refused.ts';

/** Labels of an image before and after a person changed or confirmed them. */
export interface LabelChange {
  readonly image: string;
  readonly before: Labels;
  readonly after: Labels;
  /** Whether a person had confirmed the labels before, and confirms those after. */
  readonly wasConfirmed?: boolean | undefined;
  readonly isConfirmed?: boolean;
}

/** Changes that a person made at once, and takes back at once. */
export interface ChangeSet {
  /** By image. */
  readonly changes: ReadonlyMap<string, LabelChange>;
  /** `tried`: a request with it began, so that the server may have it. */
  stage: 'new' | 'tried' | 'sent';
  isUndone: boolean;
}

export type Relabelling = ReturnType<typeof openRelabelling>;

/**
 * Changes of labels that a person makes. One request at a time is sent, with all changes that were made meanwhile. Changes
 * that could not be sent are kept, and sent again; those that the server refuses are dropped.
 * @param onChange called after each change of what is kept here
 * @param onSent called after labels were sent, and after some were refused
 */
export function openRelabelling(
  server: LabelServer,
  { onChange, onSent, later }: { onChange(): void; onSent(): void; later?: Later },
) {
  let sets: readonly ChangeSet[] = [];
  let refusal: unknown;
  const turns = openTurns(sendAll, onChange, later);

  const remove = (set: ChangeSet) => {
    sets = sets.filter((each) => each !== set);
  };
  const lastSet = () => sets.findLast(({ isUndone, changes }) => !isUndone && [...changes.values()].some(isReal));
  const unsent = () => sets.filter(({ stage, isUndone }) => stage !== 'sent' && !isUndone);
  const lastOf = (image: string): LabelChange | undefined =>
    sets.findLast(({ isUndone, changes }) => !isUndone && changes.has(image))?.changes.get(image);

  async function sendAll(): Promise<void> {
    for (const set of sets.filter(({ isUndone }) => isUndone).toReversed())
      await unlessRefused(
        () => restore(set),
        (error) => dropRefused(set, error),
      );
    await sendUnlessRefused(unsent(), send, dropRefused);
  }

  function dropRefused(set: ChangeSet, error: unknown): void {
    remove(set);
    refusal = error;
    onSent();
  }

  /** Sends sets together, without images that are gone. */
  async function send(batch: readonly ChangeSet[]): Promise<void> {
    if (batch.length === 0) return;
    for (const set of batch) set.stage = 'tried';
    const last = new Map(batch.flatMap(({ changes }) => [...changes]));
    const given = [...last.values()].map(({ image, after, isConfirmed }) => toSend(image, after, isConfirmed));
    const sent = await sendLabels(server, given, { isWanted: (_, now) => now !== undefined });
    for (const set of batch) set.stage = 'sent';
    refusal = sent.refusal ?? refusal;
    onSent();
  }

  /** Gives the images of a set that still have its labels those that they had before. */
  async function restore(set: ChangeSet): Promise<void> {
    const changes = [...set.changes.values()].filter(isReal);
    const isOwn = (image: string, now: Labels | undefined) => isSame(now, set.changes.get(image)?.after);
    const base = await server.latest();
    const now = await server.labelsOf(changes.map(({ image }) => image));
    const own = changes.filter(({ image }) => isOwn(image, now.get(image)));
    const given = own.map(({ image, before, wasConfirmed = false }) => toSend(image, before, before !== null && wasConfirmed));
    await sendLabels(server, given, { base, isWanted: ({ image }, now) => isOwn(image, now) });
    remove(set);
    onSent();
  }

  return {
    get isSending(): boolean {
      return turns.isRunning;
    },
    /** Number of change sets that are not sent yet, or not taken back. */
    get pending(): number {
      return unsent().length + sets.filter(({ isUndone }) => isUndone).length;
    },
    get failure(): unknown {
      return turns.failure ?? refusal;
    },
    get canUndo(): boolean {
      return lastSet() !== undefined;
    },
    /** The labels that a person gave an image here, which its page may not have loaded yet; undefined: none were given. */
    labelsOf: (image: string): Labels | undefined => lastOf(image)?.after,
    /** Sends what is not sent yet. @returns whether everything is sent */
    flush: turns.flush,
    /**
     * Makes changes that are undone together. `before` and `wasConfirmed` are what the page shows: labels and confirmations
     * that were given here go before it.
     */
    change(changes: readonly LabelChange[]): ChangeSet | undefined {
      if (changes.length === 0) return undefined;
      const made = changes.map((change) => {
        const own = lastOf(change.image);
        const before = own && { before: own.after, wasConfirmed: isConfirmedAfter(own) };
        return [change.image, { ...change, ...before }] as const;
      });
      const added: ChangeSet = { changes: new Map(made), stage: 'new', isUndone: false };
      sets = [...sets, added];
      refusal = undefined;
      void turns.flush();
      return added;
    },
    /** Takes changes back, the last ones by default. Labels that others set meanwhile stay. */
    undo(undone: ChangeSet | undefined = lastSet()): void {
      if (undone === undefined || undone.isUndone || !sets.includes(undone)) return;
      refusal = undefined;
      if (undone.stage === 'new') remove(undone);
      else undone.isUndone = true;
      void turns.flush();
    },
  };
}

function toSend(image: string, labels: Labels, confirmed?: boolean): SetLabel {
  return { image, labels: labels === null ? null : [...labels], ...(confirmed !== undefined && { confirmed }) };
}

function isReal(change: LabelChange): boolean {
  return !isSame(change.before, change.after) || isConfirmedAfter(change) !== (change.wasConfirmed ?? false);
}

/** Whether the labels are confirmed after a change. The server keeps a confirmation only with the same labels. */
function isConfirmedAfter({ before, after, wasConfirmed = false, isConfirmed }: LabelChange): boolean {
  return isConfirmed ?? (wasConfirmed && isSame(before, after));
}
