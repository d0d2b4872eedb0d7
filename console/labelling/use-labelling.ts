import { useEffect, useRef, useState } from 'preact/hooks';
import { client } from '../api.ts';
import { useLoaded, whilePreparing } from '../hooks/use-loaded.ts';
import { batchSize, type LabelQueue, openLabelQueue } from './label-queue.ts';
import { labelServer } from './label-server.ts';
import { updateUnsent } from './unsent.ts';
import { useFlush } from './use-flush.ts';

/** Images to ask about that are fetched beyond two batches, so that the next one is there while one is sent. */
const SPARE = 2;
/** Labels that are fewer than a batch are sent after this time. */
const PATIENCE_MS = 20_000;
const GRID = 12;

/** The labelling of a data set's images: what the server knows, and the queue of the labels that this page gives. */
export function useLabelling(name: string) {
  const [seed] = useState(() => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
  const labelled = useRef(0);
  const { value, error, reload } = useLoaded(
    `suggestions ${name}`,
    (loading) => loading.datasets.suggestions(name, { next: 2 * batchSize(labelled.current) + SPARE, limit: GRID, seed }),
    whilePreparing,
  );
  const [, redraw] = useState({});
  const opened = useRef<{ readonly name: string; readonly queue: LabelQueue } | undefined>(undefined);
  if (opened.current?.name !== name) {
    const onChange = () => {
      updateUnsent();
      redraw({});
    };
    const queue = openLabelQueue(labelServer(client, name), { onChange, onSent: reload });
    opened.current = { name, queue };
  }
  const { queue } = opened.current;
  if (value !== undefined) {
    labelled.current = value.labelled;
    queue.see(value);
  }

  // The images that are left have labels that are not sent yet.
  useEffect(() => {
    if (value !== undefined && queue.current === undefined && queue.pending > 0) void queue.flush();
  }, [value]);
  const isWaiting = queue.pending > 0;
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => void queue.flush(), PATIENCE_MS);
    return () => clearInterval(timer);
  }, [queue, isWaiting]);
  useFlush(queue);
  return { state: value, error, queue };
}
