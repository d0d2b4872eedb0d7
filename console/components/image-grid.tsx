import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import { RETRY_MS } from '../may-pass.ts';

const GAP = 8;
/** Rows that are drawn above and below those in view. */
const BEYOND = 2;
/** Images that are loaded together. */
const CHUNK = 60;
/** Chunks that are kept. */
const MOST_CHUNKS = 50;

/**
 * A grid of any number of images, of which only those in view are in the document. It is loaded in chunks, and keeps the
 * last ones.
 * @param props.source changes when the images are others
 * @param props.load loads images from `start` to before `end`
 * @param props.caption pixels below each image
 */
export function ImageGrid<Image extends DatasetImage>(props: {
  readonly label: string;
  readonly source: string;
  readonly count: number;
  readonly load: (start: number, end: number) => Promise<readonly Image[]>;
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
  useEffect(() => {
    for (let chunk = Math.floor(start / CHUNK); chunk * CHUNK < start + shown.length; chunk++)
      chunks.need(chunk, chunk * CHUNK, Math.min(count, (chunk + 1) * CHUNK));
  });

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

/** Chunks of a list. One that could not be loaded is asked for again after a pause, while it is in view. */
function useChunks<Image extends DatasetImage>(source: string, load: (start: number, end: number) => Promise<readonly Image[]>) {
  const [, redraw] = useState({});
  const kept = useRef({ source, chunks: new Map<number, readonly Image[]>() });
  if (kept.current.source !== source) kept.current = { source, chunks: new Map() };
  const { chunks } = kept.current;
  return {
    at: (index: number) => chunks.get(Math.floor(index / CHUNK))?.[index % CHUNK],
    need(chunk: number, start: number, end: number): void {
      const known = chunks.get(chunk);
      // The last ones in view are behind all others.
      chunks.delete(chunk);
      chunks.set(chunk, known ?? []);
      if (known !== undefined) return;
      const [oldest] = chunks.keys();
      if (chunks.size > MOST_CHUNKS && oldest !== undefined) chunks.delete(oldest);
      load(start, end).then(
        (images) => {
          chunks.set(chunk, images);
          redraw({});
        },
        () =>
          setTimeout(() => {
            chunks.delete(chunk);
            redraw({});
          }, RETRY_MS),
      );
    },
  };
}
