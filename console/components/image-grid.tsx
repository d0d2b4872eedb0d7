import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../../lib/client/client.ts';
import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import { cancellable, generation } from '../api.ts';
import { mayPass, RETRY_MS } from '../may-pass.ts';
import { Problem } from './problem.tsx';

const GAP = 8;
/** Rows that are drawn above and below those in view. */
const BEYOND = 2;
/** Images that are loaded together. */
const CHUNK = 60;
/** Chunks that are kept. */
const MOST_CHUNKS = 50;
/** Links to images expire after an hour. */
const FRESH_MS = 50 * 60_000;

/** Loads images from `start` to before `end`. */
type LoadImages<Image> = (client: Client, start: number, end: number) => Promise<readonly Image[]>;

/**
 * A grid of any number of images, of which only those in view are in the document. It is loaded in chunks, and keeps the
 * last ones.
 * @param props.source changes when the images are others
 * @param props.caption pixels below each image
 */
export function ImageGrid<Image extends DatasetImage>(props: {
  readonly label: string;
  readonly source: string;
  readonly count: number;
  readonly load: LoadImages<Image>;
  readonly children: (image: Image, index: number) => ComponentChildren;
  readonly least?: number;
  readonly caption?: number;
}) {
  const { label, source, count, load, children, least = 96, caption = 0 } = props;
  const scroller = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  const [view, setView] = useState({ top: 0, height: 0 });
  const chunks = useChunks(source, load);

  useLayoutEffect(() => {
    const { current } = scroller;
    if (current === null) return;
    const measure = () => {
      setWidth(current.clientWidth);
      setView({ top: current.scrollTop, height: current.clientHeight });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [source]);

  const columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  const side = (width - GAP * (columns - 1)) / columns;
  const step = side + caption + GAP;
  const rows = Math.ceil(count / columns);
  const first = Math.max(0, Math.floor(view.top / step) - BEYOND);
  const last = Math.min(rows, Math.ceil((view.top + view.height) / step) + BEYOND);
  const shown = width === 0 ? [] : Array.from({ length: Math.max(0, Math.min(count, last * columns) - first * columns) });
  const start = first * columns;
  useEffect(() => chunks.show(start, start + shown.length, count));

  if (chunks.failure !== undefined) return <Problem error={chunks.failure} />;
  return (
    <section
      ref={scroller}
      class="image-grid"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard
      tabIndex={0}
      aria-label={label}
      onScroll={(event) => {
        const { scrollTop, clientHeight } = event.currentTarget;
        setView({ top: scrollTop, height: clientHeight });
      }}
    >
      <ul style={{ height: `${Math.max(0, rows * step - GAP)}px` }}>
        {shown.map((_, i) => {
          const index = start + i;
          const image = chunks.at(index);
          const place = {
            transform: `translate(${(index % columns) * (side + GAP)}px, ${Math.floor(index / columns) * step}px)`,
            width: `${side}px`,
            height: `${side + caption}px`,
          };
          return (
            <li key={index} style={place} aria-setsize={count} aria-posinset={index + 1}>
              {image === undefined ? <span class="thumb" /> : children(image, index)}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** A part of a list. */
interface Chunk<Image> {
  /** Undefined until they are loaded; the last ones, while they are loaded again. */
  readonly images: readonly Image[] | undefined;
  /** Milliseconds since 1970 when they were asked for, and the generation of the server. */
  readonly since: number;
  readonly generation: number;
  /** Ends the request; undefined after it. */
  readonly asked: AbortController | undefined;
}

/**
 * Chunks of a list. Those that are out of view before they are loaded are asked for again when they are in view. So is
 * one whose links expire, or that could not be loaded, after a pause.
 */
function useChunks<Image extends DatasetImage>(source: string, load: LoadImages<Image>) {
  const [, redraw] = useState({});
  const [failure, setFailure] = useState<{ readonly source: string; readonly error: unknown }>();
  const kept = useRef({ source, chunks: new Map<number, Chunk<Image>>() });
  const leave = (chunk: number) => {
    kept.current.chunks.get(chunk)?.asked?.abort();
    kept.current.chunks.delete(chunk);
  };
  if (kept.current.source !== source) {
    for (const chunk of kept.current.chunks.keys()) leave(chunk);
    kept.current = { source, chunks: new Map() };
  }
  useEffect(() => () => [...kept.current.chunks.keys()].forEach(leave), []);
  const { chunks } = kept.current;
  // Drawn again after a lost connection, which may have changed the links.
  const current = generation.value;
  const isFresh = ({ since, generation: of }: Chunk<Image>) => of === current && Date.now() - since < FRESH_MS;

  function ask(chunk: number, count: number): void {
    const known = chunks.get(chunk);
    // The last ones in view are behind all others.
    chunks.delete(chunk);
    if (known !== undefined && (known.asked !== undefined || isFresh(known))) {
      chunks.set(chunk, known);
      return;
    }
    const asked = new AbortController();
    const { signal } = asked;
    const entry = { images: known?.images, since: Date.now(), generation: current };
    chunks.set(chunk, { ...entry, asked });
    const [oldest] = chunks.keys();
    if (chunks.size > MOST_CHUNKS && oldest !== undefined) leave(oldest);
    load(cancellable(signal), chunk * CHUNK, Math.min(count, (chunk + 1) * CHUNK)).then(
      (images) => {
        if (signal.aborted) return;
        chunks.set(chunk, { ...entry, images, asked: undefined });
        setFailure(undefined);
        redraw({});
      },
      (error: unknown) => {
        if (signal.aborted) return;
        if (!mayPass(error)) {
          chunks.set(chunk, { ...entry, asked: undefined });
          setFailure({ source, error });
          return;
        }
        setTimeout(() => {
          if (signal.aborted) return;
          leave(chunk);
          redraw({});
        }, RETRY_MS);
      },
    );
  }

  return {
    failure: failure?.source === source ? failure.error : undefined,
    at: (index: number) => chunks.get(Math.floor(index / CHUNK))?.images?.[index % CHUNK],
    /** Loads the chunks in view, and no others. */
    show(start: number, end: number, count: number): void {
      const [first, last] = [Math.floor(start / CHUNK), Math.ceil(end / CHUNK)];
      for (const [chunk, { asked }] of chunks) if (asked && (chunk < first || chunk >= last)) leave(chunk);
      for (let chunk = first; chunk < last; chunk++) ask(chunk, count);
    },
  };
}
