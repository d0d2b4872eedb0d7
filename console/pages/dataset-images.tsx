import { useEffect, useRef, useState } from 'preact/hooks';
import type { DatasetImage } from '../../lib/contracts/http.ts';
import { client } from '../api.ts';
import { Panel } from '../components/basics.tsx';
import { Problem } from '../components/problem.tsx';
import { text } from '../strings.ts';
import { useLoaded } from '../use-loaded.ts';

const PAGE = 36;
/** Pixels of a thumbnail's side, for screens with twice the density. */
const SIDE = 192;

/** The images of a version, one page at a time, so that the page has the same size for any number of images. */
export function DatasetImages({ reference, labels }: { readonly reference: string; readonly labels: readonly string[] }) {
  const [label, setLabel] = useState<string>();
  /** The cursors of the pages up to the shown one. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const after = cursors.at(-1);
  const { value, error } = useLoaded(`images ${reference} ${label ?? ''} ${after ?? ''}`, () =>
    client.datasets.images(reference, { label, after, limit: PAGE }),
  );
  if (error !== undefined) return <Problem error={error} />;
  const next = value?.next;
  return (
    <Panel
      title={text.dataset.samples}
      aside={
        <select
          class="select narrow"
          aria-label={text.dataset.label}
          value={label ?? ''}
          onChange={(event) => {
            setLabel(event.currentTarget.value || undefined);
            setCursors([]);
          }}
        >
          <option value="">{text.dataset.allClasses}</option>
          {labels.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      }
    >
      <ul class="thumbs">
        {value === undefined
          ? Array.from({ length: PAGE }, (_, index) => <li key={index} class="thumb" />)
          : value.images.map((image) => (
              <li key={image.path}>
                <Thumbnail image={image} />
              </li>
            ))}
      </ul>
      {(cursors.length > 0 || next !== undefined) && (
        <div class="row thumb-page">
          <button type="button" class="button" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
            {text.previous}
          </button>
          <button
            type="button"
            class="button"
            disabled={next === undefined}
            onClick={() => next !== undefined && setCursors([...cursors, next])}
          >
            {text.next}
          </button>
        </div>
      )}
    </Panel>
  );
}

/** An image in small, downloaded when it comes into view. Only the small picture is kept. */
function Thumbnail({ image: { path, labels, request } }: { readonly image: DatasetImage }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { current } = canvas;
    if (current === null || request === undefined) return;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      // An image that this browser cannot decode stays an empty square with its name.
      client
        .fetchFile({ request })
        .then((bytes) => draw(current, bytes))
        .catch(() => {});
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [path]);
  return (
    <canvas
      ref={canvas}
      class="thumb"
      width={SIDE}
      height={SIDE}
      role="img"
      aria-label={`${path}, ${labels.join(', ')}`}
      title={path}
    />
  );
}

/** Draws the middle of an image as a square. */
async function draw(canvas: HTMLCanvasElement, bytes: Uint8Array): Promise<void> {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
  const side = Math.min(bitmap.width, bitmap.height);
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
  canvas.getContext('2d')?.drawImage(bitmap, left, top, side, side, 0, 0, SIDE, SIDE);
  bitmap.close();
}
