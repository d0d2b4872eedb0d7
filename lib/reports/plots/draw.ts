import type { PlotOptions } from '@observablehq/plot';

/** The library for plots, and how to draw with it. */
export interface Drawing {
  readonly Plot: typeof import('@observablehq/plot');
  /** Draws a plot. @returns the content of an `svg` element, and its size in pixels */
  draw(options: PlotOptions): Figure;
}

/** A drawn plot: escaped markup whose colours are CSS variables of the page. */
export interface Figure {
  readonly width: number;
  readonly height: number;
  readonly markup: string;
}

/** Pixels; a phone shows this width without making the text too small. */
export const WIDTH = 440;
/** The colours of series, for light and dark pages: see report-style.ts. */
export const SERIES = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'].map((name) => `var(${name})`);
export const FAINT = 'var(--line)';

/** Attributes with coordinates, which need no more than two decimal places. */
const COORDINATES = ['d', 'transform', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'width', 'height'];

/**
 * Loads the library and opens a document to draw in. Loaded only here, because most processes never draw. The module for
 * workers is linkedom in one file, which loads in half of the time.
 */
export async function openDrawing(): Promise<Drawing> {
  const [Plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom/worker')]);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  return {
    Plot,
    draw(options) {
      const svg = Plot.plot({ width: WIDTH, document, ...options });
      svg.querySelector('style')?.remove();
      for (const element of svg.querySelectorAll('*')) {
        // The figure has one text alternative; parts of the drawing need none.
        element.removeAttribute('aria-label');
        element.removeAttribute('aria-hidden');
        for (const name of COORDINATES) {
          const value = element.getAttribute(name);
          if (value !== null) element.setAttribute(name, shorten(value));
        }
      }
      return {
        width: Number(svg.getAttribute('width')),
        height: Number(svg.getAttribute('height')),
        markup: `<g fill="currentColor" text-anchor="middle">${svg.innerHTML}</g>`,
      };
    },
  };
}

function shorten(value: string): string {
  return value.replaceAll(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100));
}
