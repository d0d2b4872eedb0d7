import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DatasetImage } from '../../../lib/contracts/dataset-http.ts';
import type { DatasetMap } from '../../../lib/contracts/find-images.ts';
import { counted } from '../../../lib/format.ts';
import { cancellable } from '../../api.ts';
import { Thumbnail } from '../../components/thumbnail.tsx';
import { circle, isInside, nearestSpot, OPACITY, type Spot } from '../../map-geometry.ts';
import { text } from '../../strings.ts';

const COLOURS = 9;
/** Pixels around the points. */
const MARGIN = 16;
/** Pixels within which the pointer is at a point. */
const NEAR = 10;
/** Pixels that a press may move and still be no lasso. */
const STILL = 5;
const PAUSE_MS = 120;
const BRUSH = { step: 12, least: 16, most: 300, first: 60 };

/** All images as points in the colours of their classes. A lasso selects; so does a circle that keys move. */
export function MapCanvas(props: {
  readonly name: string;
  readonly map: DatasetMap;
  readonly selected: readonly number[];
  readonly onSelect: (rows: readonly number[]) => void;
}) {
  const { name, map, selected, onSelect } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [lasso, setLasso] = useState<readonly Spot[]>([]);
  const [brush, setBrush] = useState<{ readonly at: Spot; readonly radius: number }>();
  const [hovered, setHovered] = useState<number>();
  const [theme, setTheme] = useState(0);

  const spots = useMemo(() => {
    const { width, height } = size;
    return map.x.map((x, row) => ({
      x: MARGIN + x * (width - 2 * MARGIN),
      y: MARGIN + (1 - (map.y[row] ?? 0)) * (height - 2 * MARGIN),
    }));
  }, [map.x, map.y, size]);

  useLayoutEffect(() => {
    const { current } = canvas;
    if (current === null) return;
    const observer = new ResizeObserver(() => setSize({ width: current.clientWidth, height: current.clientHeight }));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const changed = () => setTheme((count) => count + 1);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(changed);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    scheme.addEventListener('change', changed);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', changed);
    };
  }, []);
  useEffect(() => {
    if (canvas.current !== null)
      draw(canvas.current, { map, spots, selected, outline: brush ? circle(brush.at, brush.radius) : lasso });
  }, [map, spots, selected, lasso, brush, theme]);

  const select = (polygon: readonly Spot[]) => onSelect(spots.flatMap((spot, row) => (isInside(spot, polygon) ? row : [])));
  const spotOf = ({ offsetX: x, offsetY: y }: PointerEvent): Spot => ({ x, y });

  function onUp(event: PointerEvent): void {
    const [from] = lasso;
    if (from === undefined) return;
    const to = spotOf(event);
    setLasso([]);
    if (lasso.every(({ x, y }) => Math.hypot(x - from.x, y - from.y) < STILL)) {
      const row = nearestSpot(spots, to, NEAR);
      onSelect(row === undefined ? [] : [row]);
    } else select(lasso);
  }
  function onKey(event: KeyboardEvent): void {
    const { at, radius } = brush ?? { at: { x: size.width / 2, y: size.height / 2 }, radius: BRUSH.first };
    const [x = 0, y = 0] = STEPS[event.key] ?? [];
    const grown = { '+': BRUSH.step, '=': BRUSH.step, '-': -BRUSH.step }[event.key] ?? 0;
    const isEscape = event.key === 'Escape';
    if (event.key === 'Enter') select(circle(at, radius));
    else if (isEscape) onSelect([]);
    else if (STEPS[event.key] === undefined && grown === 0) return;
    event.preventDefault();
    setBrush(
      isEscape
        ? undefined
        : {
            at: { x: clamp(at.x + x * BRUSH.step, 0, size.width), y: clamp(at.y + y * BRUSH.step, 0, size.height) },
            radius: clamp(radius + grown, BRUSH.least, BRUSH.most),
          },
    );
  }

  const label = text.find.mapLabel(counted(map.x.length, text.image));
  return (
    <div
      class="map"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys select images on it
      tabIndex={0}
      role="application"
      aria-label={label}
      aria-describedby="map-about"
      onKeyDown={onKey}
    >
      <canvas
        ref={canvas}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setBrush(undefined);
          setHovered(undefined);
          setLasso([spotOf(event)]);
        }}
        onPointerMove={(event) => {
          if (lasso.length > 0) setLasso([...lasso, spotOf(event)]);
          else if (event.pointerType === 'mouse') setHovered(nearestSpot(spots, spotOf(event), NEAR));
        }}
        onPointerUp={onUp}
        onPointerCancel={() => setLasso([])}
        onPointerLeave={() => setHovered(undefined)}
      />
      {hovered !== undefined && (
        <Preview key={hovered} reference={`${name}@${map.digest}`} row={hovered} at={spots[hovered]} within={size.width} />
      )}
    </div>
  );
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

interface Drawn {
  readonly map: DatasetMap;
  readonly spots: readonly Spot[];
  readonly selected: readonly number[];
  /** Of the lasso or the circle. */
  readonly outline: readonly Spot[];
}

function draw(canvas: HTMLCanvasElement, { map, spots, selected, outline }: Drawn): void {
  const scale = devicePixelRatio;
  canvas.width = canvas.clientWidth * scale;
  canvas.height = canvas.clientHeight * scale;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const colours = coloursOf(canvas);
  const radius = spots.length > 5_000 ? 2 : spots.length > 800 ? 3 : 4.5;
  context.scale(scale, scale);
  const dot = (spot: Spot | undefined, size: number) => {
    if (spot === undefined) return;
    context.beginPath();
    context.arc(spot.x, spot.y, size, 0, 2 * Math.PI);
    context.fill();
  };
  const colourOf = (row: number) => {
    const label = map.labels[row] ?? -1;
    return label < 0 ? colours.none : (colours.classes[label % COLOURS] ?? colours.none);
  };
  // Images without a label lie below the others.
  const isWaiting = (row: number) => (map.labels[row] ?? -1) < 0;
  context.globalAlpha = selected.length > 0 ? OPACITY.others : OPACITY.all;
  for (const waiting of [true, false]) {
    for (const [row, spot] of spots.entries()) {
      if (isWaiting(row) !== waiting) continue;
      context.fillStyle = colourOf(row);
      dot(spot, radius);
    }
  }
  context.globalAlpha = 1;
  for (const row of selected) {
    context.fillStyle = colours.text;
    dot(spots[row], radius + 2);
    context.fillStyle = colourOf(row);
    dot(spots[row], radius + 0.5);
  }
  const [first, ...rest] = outline;
  if (first === undefined) return;
  context.beginPath();
  context.moveTo(first.x, first.y);
  for (const { x, y } of rest) context.lineTo(x, y);
  context.closePath();
  context.fillStyle = context.strokeStyle = colours.accent;
  context.globalAlpha = 0.12;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.stroke();
}

/** A canvas needs computed colours: its own style takes each of them for a moment. */
function coloursOf(canvas: HTMLCanvasElement) {
  const read = (name: string) => {
    canvas.style.color = `var(--${name})`;
    return getComputedStyle(canvas).color;
  };
  const colours = {
    classes: Array.from({ length: COLOURS }, (_, i) => read(`class-${i + 1}`)),
    none: read('class-none'),
    text: read('text'),
    accent: read('accent'),
  };
  canvas.style.color = '';
  return colours;
}

/** The image at the pointer. */
function Preview(props: {
  readonly reference: string;
  readonly row: number;
  readonly at: Spot | undefined;
  readonly within: number;
}) {
  const { reference, row, at = { x: 0, y: 0 }, within } = props;
  const [image, setImage] = useState<DatasetImage>();
  useEffect(() => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      cancellable(controller.signal)
        .datasets.images(reference, { rows: [row], limit: 1 })
        .then(({ images: [found] }) => setImage(found))
        .catch(() => {});
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, []);
  if (image === undefined) return null;
  const isLeft = at.x > within / 2;
  return (
    <div class={isLeft ? 'preview left' : 'preview'} style={{ left: `${at.x}px`, top: `${at.y}px` }}>
      <Thumbnail image={image} />
      <span class="label">{image.labels[0] ?? text.find.noLabel}</span>
    </div>
  );
}
