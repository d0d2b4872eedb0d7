import { useEffect, useRef, useState } from 'preact/hooks';
import type { SetLabelsInput } from '../lib/contracts/http.ts';
import type { Suggestions } from '../lib/contracts/suggestions.ts';
import { GraftError } from '../lib/errors.ts';
import { client } from './api.ts';
import { useLoaded } from './use-loaded.ts';

/** Labels that are sent together: after each such batch, the server fits its head again. */
const BATCH = 5;
/** Images to ask about that are fetched at once: more than a batch, so that the next one is there while it is sent. */
const ASKED = 12;
const GRID = 12;

export type NextImage = Suggestions['next'][number];
type SetLabel = SetLabelsInput['labels'][number];

/** The labelling of a data set's images: what the server knows, what is not sent yet, and what to ask next. */
export function useLabelling(name: string) {
  const { value, error, reload } = useLoaded(
    `suggestions ${name}`,
    () => client.datasets.suggestions(name, { next: ASKED, limit: GRID }),
    (state) => (state?.state === 'preparing' ? 700 : undefined),
  );
  const [answer, setAnswer] = useState<Suggestions>();
  const [failure, setFailure] = useState<unknown>();
  const [pending, setPending] = useState<readonly { image: NextImage; label: string }[]>([]);
  const [sent, setSent] = useState<readonly (readonly string[])[]>([]);
  const [skipped, setSkipped] = useState<ReadonlySet<string>>(new Set());
  const [first, setFirst] = useState<NextImage>();
  const [isSending, setSending] = useState(false);
  const busy = useRef(false);

  const state = answer ?? value;
  const isDone = (path: string) => skipped.has(path) || pending.some(({ image }) => image.path === path);
  const current = [...(first ? [first] : []), ...(state?.next ?? [])].find(({ path }) => !isDone(path));

  /** Sends labels, and asks for what follows. If another page made a version meanwhile, it sends them on top of that. */
  async function send(labels: readonly SetLabel[]): Promise<boolean> {
    if (busy.current || state === undefined) return false;
    busy.current = true;
    setSending(true);
    setFailure(undefined);
    try {
      try {
        await client.datasets.setLabels(name, { base: state.digest, labels: [...labels] });
      } catch (conflict) {
        if (!(conflict instanceof GraftError && conflict.code === 'DATASET_VERSION_CHANGED')) throw conflict;
        await client.datasets.setLabels(name, { labels: [...labels] });
      }
      setAnswer(await client.datasets.suggestions(name, { next: ASKED, limit: GRID }));
      return true;
    } catch (problem) {
      setFailure(problem);
      return false;
    } finally {
      busy.current = false;
      setSending(false);
    }
  }

  async function flush(batch = pending): Promise<boolean> {
    if (batch.length === 0) return true;
    const isSent = await send(batch.map(({ image, label }) => ({ image: image.path, labels: [label] })));
    if (!isSent) return false;
    setPending((now) => now.filter((one) => !batch.includes(one)));
    setSent((before) => [...before, ...batch.map(({ image }) => [image.path])]);
    setFirst(undefined);
    return true;
  }

  // Labels that were given while others were sent, or after the last image of the list.
  const isDue = pending.length >= BATCH || (pending.length > 0 && current === undefined);
  useEffect(() => {
    if (isDue && !isSending && failure === undefined) void flush();
  });

  return {
    state,
    error,
    failure,
    current,
    isSending,
    pending,
    canUndo: pending.length > 0 || sent.length > 0,
    reload,
    flush,
    label(label: string): void {
      if (current === undefined) return;
      setFailure(undefined);
      setPending([...pending, { image: current, label }]);
    },
    skip(): void {
      if (current === undefined) return;
      const isLast = (state?.next ?? []).every(({ path }) => path === current.path || isDone(path));
      // The last of the images that were fetched: begin with them once more.
      setSkipped(isLast ? new Set() : new Set([...skipped, current.path]));
    },
    /** Accepts suggestions; those that a person changed are the person's. */
    async accept(
      chosen: readonly { readonly path: string; readonly label: string; readonly isSuggested: boolean }[],
    ): Promise<void> {
      const labels = chosen.map(({ path, label, isSuggested }) => {
        return { image: path, labels: [label], source: isSuggested ? ('suggestion' as const) : ('person' as const) };
      });
      const own = pending.map(({ image, label }) => ({ image: image.path, labels: [label] }));
      if (!(await send([...own, ...labels]))) return;
      setPending([]);
      setSent([...sent, ...pending.map(({ image }) => [image.path]), chosen.map(({ path }) => path)]);
    },
    /** Takes the last label back, or the last grid of suggestions. */
    async undo(): Promise<void> {
      const last = pending.at(-1);
      if (last !== undefined) {
        setPending(pending.slice(0, -1));
        return setFirst(last.image);
      }
      const paths = sent.at(-1);
      if (paths === undefined) return;
      if (await send(paths.map((image) => ({ image, labels: null })))) setSent(sent.slice(0, -1));
    },
  };
}

export type Labelling = ReturnType<typeof useLabelling>;
