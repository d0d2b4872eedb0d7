import { useEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../../lib/client/client.ts';
import { cancellable, generation } from '../api.ts';
import { mayPass, RETRY_MS } from '../may-pass.ts';

/** Items that are loaded together. */
const CHUNK = 60;
/** Chunks that are kept. */
const MOST_CHUNKS = 50;
/** Links to images expire after an hour. */
const FRESH_MS = 50 * 60_000;

/** Loads items from `start` to before `end`. */
export type LoadItems<Item> = (client: Client, start: number, end: number) => Promise<readonly Item[]>;

/** A part of a list. */
interface Chunk<Item> {
  /** Undefined until they are loaded; the last ones, while they are loaded again. */
  readonly items: readonly Item[] | undefined;
  /** Milliseconds since 1970 when they were asked for, and the generation of the server. */
  readonly since: number;
  readonly generation: number;
  /** Ends the request; undefined after it. */
  readonly request: AbortController | undefined;
  /** Why the request failed. */
  readonly error?: unknown;
}

/**
 * Chunks of a list. Those that are out of view before they are loaded, or that could not be loaded, are asked for again
 * when they are in view. So is one whose links expire, or after a pause one whose failure may pass.
 * @param source changes when the items are others
 */
export function useChunks<Item>(source: string, load: LoadItems<Item>) {
  const [, redraw] = useState({});
  const kept = useRef({ source, chunks: new Map<number, Chunk<Item>>() });
  const drop = (chunk: number) => {
    kept.current.chunks.get(chunk)?.request?.abort();
    kept.current.chunks.delete(chunk);
  };
  if (kept.current.source !== source) {
    for (const chunk of kept.current.chunks.keys()) drop(chunk);
    kept.current = { source, chunks: new Map() };
  }
  useEffect(() => () => [...kept.current.chunks.keys()].forEach(drop), []);
  const { chunks } = kept.current;
  // Drawn again after a lost connection, which may have changed the links.
  const current = generation.value;
  const isFresh = ({ since, generation: of }: Chunk<Item>) => of === current && Date.now() - since < FRESH_MS;

  function ask(chunk: number, count: number): void {
    const known = chunks.get(chunk);
    // The last ones in view are behind all others.
    chunks.delete(chunk);
    if (known !== undefined && (known.request !== undefined || isFresh(known))) {
      chunks.set(chunk, known);
      return;
    }
    const request = new AbortController();
    const { signal } = request;
    const entry = { items: known?.items, since: Date.now(), generation: current };
    chunks.set(chunk, { ...entry, request });
    const [oldest] = chunks.keys();
    if (chunks.size > MOST_CHUNKS && oldest !== undefined) drop(oldest);
    load(cancellable(signal), chunk * CHUNK, Math.min(count, (chunk + 1) * CHUNK)).then(
      (items) => {
        if (signal.aborted) return;
        chunks.set(chunk, { ...entry, items, request: undefined });
        redraw({});
      },
      (error: unknown) => {
        if (signal.aborted) return;
        if (!mayPass(error)) {
          chunks.set(chunk, { ...entry, request: undefined, error });
          redraw({});
          return;
        }
        setTimeout(() => {
          if (signal.aborted) return;
          drop(chunk);
          redraw({});
        }, RETRY_MS);
      },
    );
  }

  return {
    /** Why a chunk that is in view could not be loaded. */
    get failure(): unknown {
      return [...chunks.values()].find(({ error, generation: of }) => error !== undefined && of === current)?.error;
    },
    at: (index: number) => chunks.get(Math.floor(index / CHUNK))?.items?.[index % CHUNK],
    /** Loads the chunks in view, and no others. */
    show(start: number, end: number, count: number): void {
      const [first, last] = [Math.floor(start / CHUNK), Math.ceil(end / CHUNK)];
      for (const [chunk, { request, error }] of chunks) {
        if (chunk >= first && chunk < last) continue;
        if (request !== undefined || error !== undefined) drop(chunk);
        if (error !== undefined) redraw({});
      }
      for (let chunk = first; chunk < last; chunk++) ask(chunk, count);
    },
  };
}
