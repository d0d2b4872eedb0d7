import type { SetLabelsInput } from '../lib/contracts/dataset-http.ts';

/** Labels of an image before and after a person changed them; null: none. */
export interface LabelChange {
  readonly image: string;
  readonly before: readonly string[] | null;
  readonly after: readonly string[] | null;
}

export type Relabelling = ReturnType<typeof openRelabelling>;

/** The most labels of one request. */
const MOST_AT_ONCE = 1000;

/**
 * Changes of labels that a person makes. One request at a time is sent, with all changes that were made meanwhile; changes
 * that could not be sent are kept, and sent with the next ones.
 * @param send sets labels on the latest version
 * @param onChange called after each change of what is kept here
 */
export function openRelabelling(send: (labels: SetLabelsInput['labels']) => Promise<unknown>, onChange: () => void) {
  let history: readonly (readonly LabelChange[])[] = [];
  let waiting: ReadonlyMap<string, readonly string[] | null> = new Map();
  let isSending = false;
  let failure: unknown;

  async function flush(): Promise<boolean> {
    if (isSending) return false;
    isSending = true;
    failure = undefined;
    onChange();
    try {
      while (waiting.size > 0) {
        const batch = [...waiting].slice(0, MOST_AT_ONCE);
        await send(batch.map(([image, labels]) => ({ image, labels: labels === null ? null : [...labels] })));
        // An image that was changed again meanwhile still waits.
        waiting = new Map([...waiting].filter(([image, labels]) => !batch.some(([sent, of]) => sent === image && of === labels)));
      }
      return true;
    } catch (error) {
      failure = error;
      return false;
    } finally {
      isSending = false;
      onChange();
    }
  }

  function enqueue(labels: readonly (readonly [image: string, labels: readonly string[] | null])[]): void {
    // A changed image is sent as it was changed last.
    waiting = new Map([...waiting, ...labels]);
    void flush();
  }

  return {
    get isSending(): boolean {
      return isSending;
    },
    get failure(): unknown {
      return failure;
    },
    get canUndo(): boolean {
      return history.length > 0;
    },
    /** Sends what could not be sent. @returns whether everything is sent */
    flush,
    /** Makes changes that are undone together. */
    change(changes: readonly LabelChange[]): void {
      if (changes.length === 0) return;
      history = [...history, changes];
      enqueue(changes.map(({ image, after }) => [image, after]));
    },
    /** Takes the last changes back. @returns these */
    undo(): readonly LabelChange[] {
      const last = history.at(-1);
      if (last === undefined) return [];
      history = history.slice(0, -1);
      enqueue(last.map(({ image, before }) => [image, before]));
      return last;
    },
  };
}
