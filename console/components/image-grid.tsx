import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import { cornerOf, gridGeometry, imagesInView } from './grid-geometry.ts';
import { Problem } from './problem.tsx';
import { type LoadItems, useChunks } from './use-chunks.ts';

/**
 * A grid of any number of images, of which only those in view are in the document. It is loaded in chunks, and keeps the
 * last ones.
 * @param props.source changes when the images are others
 * @param props.least side of an image in pixels
 * @param props.caption pixels below each image
 */
export function ImageGrid<Image extends DatasetImage>(props: {
  readonly label: string;
  readonly source: string;
  readonly count: number;
  readonly load: LoadItems<Image>;
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
      // A page that is hidden while a token is entered has no size.
      if (current.clientWidth === 0) return;
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

  const geometry = gridGeometry({ count, width, least, caption });
  const { start, end } = width === 0 ? { start: 0, end: 0 } : imagesInView(geometry, view);
  useEffect(() => chunks.show(start, end, count));

  return (
    <>
      {chunks.failure !== undefined && <Problem error={chunks.failure} />}
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
        <ul style={{ height: `${geometry.height}px` }}>
          {Array.from({ length: end - start }, (_, i) => {
            const index = start + i;
            const image = chunks.at(index);
            const { x, y } = cornerOf(geometry, index);
            const position = {
              transform: `translate(${x}px, ${y}px)`,
              width: `${geometry.side}px`,
              height: `${geometry.side + caption}px`,
            };
            return (
              <li key={index} style={position} aria-setsize={count} aria-posinset={index + 1}>
                {image === undefined ? <span class="thumb" /> : children(image, index)}
              </li>
            );
          })}
        </ul>
      </section>
    </>
  );
}
