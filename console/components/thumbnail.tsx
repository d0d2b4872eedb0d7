import { useEffect, useRef } from 'preact/hooks';
import type { DatasetImage } from '../../lib/contracts/dataset-http.ts';
import { cancellable, generation } from '../api.ts';

/** Pixels of a thumbnail's side, for screens with twice the density. */
const SIDE = 192;

/** An image in small, downloaded when it comes into view. Only the small picture is kept. */
export function Thumbnail({ image: { path, labels, request } }: { readonly image: DatasetImage }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  // Signed requests expire, and are renewed while the image is not in view.
  const latest = useRef(request);
  latest.current = request;
  const drawn = useRef<string | undefined>(undefined);
  useEffect(() => {
    const { current } = canvas;
    if (current === null || latest.current === undefined || drawn.current === path) return;
    const controller = new AbortController();
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      if (latest.current === undefined) return;
      // An image that this browser cannot decode stays an empty square with its name.
      cancellable(controller.signal)
        .fetchFile({ request: latest.current })
        .then((bytes) => draw(current, bytes))
        .then(() => {
          drawn.current = path;
        })
        .catch(() => {});
    });
    observer.observe(current);
    return () => {
      controller.abort();
      observer.disconnect();
    };
  }, [path, generation.value]);
  return (
    <canvas
      ref={canvas}
      class="thumb"
      width={SIDE}
      height={SIDE}
      role="img"
      aria-label={[path, ...labels].join(', ')}
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
