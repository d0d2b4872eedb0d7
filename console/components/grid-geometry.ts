/** Pixels between images. */
export const GAP = 8;
/** Rows that are drawn above and below those in view. */
const BEYOND = 2;

/** Where the images of a grid are. All sizes are in pixels. */
export interface GridGeometry {
  readonly count: number;
  readonly columns: number;
  /** Of an image. */
  readonly side: number;
  /** From the top of a row to that of the next one. */
  readonly step: number;
  readonly rows: number;
  /** Of the whole grid. */
  readonly height: number;
}

/**
 * Fills the width with as many square images in a row as fit.
 * @param width 0: not known yet
 * @param least side of an image
 * @param caption height below each image
 */
export function gridGeometry(options: {
  readonly count: number;
  readonly width: number;
  readonly least: number;
  readonly caption: number;
}): GridGeometry {
  const { count, width, least, caption } = options;
  const columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  const side = Math.max(0, (width - GAP * (columns - 1)) / columns);
  const step = side + caption + GAP;
  const rows = Math.ceil(count / columns);
  return { count, columns, side, step, rows, height: Math.max(0, rows * step - GAP) };
}

/** The images from `start` to before `end` that are in view or almost. @param view in pixels from the top of the grid */
export function imagesInView(
  { count, columns, step, rows }: GridGeometry,
  { top, height }: { readonly top: number; readonly height: number },
): { readonly start: number; readonly end: number } {
  const first = Math.max(0, Math.floor(top / step) - BEYOND);
  const last = Math.min(rows, Math.ceil((top + height) / step) + BEYOND);
  const start = Math.min(first * columns, count);
  return { start, end: Math.max(start, Math.min(count, last * columns)) };
}

/** The left upper corner of an image. */
export function cornerOf({ columns, side, step }: GridGeometry, index: number): { readonly x: number; readonly y: number } {
  return { x: (index % columns) * (side + GAP), y: Math.floor(index / columns) * step };
}
