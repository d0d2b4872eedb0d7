import { Html, html } from '../html.ts';
import type { Figure } from '../plots/draw.ts';

export interface TableOptions {
  readonly caption?: string;
  readonly head: readonly string[];
  /** How many columns have words, the first of which is the header of its row; the others have numbers. Default: 1. */
  readonly words?: number;
  readonly rows: readonly (readonly (string | number | Html)[])[];
}

/** A table that scrolls sideways where it is too wide. */
export function table({ caption, head, words = 1, rows }: TableOptions): Html {
  const cells = (row: readonly (string | number | Html)[]) =>
    row.map((cell, index) => {
      if (index === 0) return html`<th scope="row">${cell}</th>`;
      return index < words ? html`<td class="words">${cell}</td>` : html`<td>${cell}</td>`;
    });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption ?? `Table: ${head.join(', ')}`}"><table>
${caption === undefined ? undefined : html`<caption>${caption}</caption>`}
<thead><tr>${head.map((name, index) => (index < words ? html`<th scope="col" class="words">${name}</th>` : html`<th scope="col">${name}</th>`))}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody></table></div>`;
}

export interface FigureOptions {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What the figure shows: its text alternative, and the caption. */
  readonly description: string | Html;
  /** Names of the series, in the order of their colours from 0. */
  readonly legend?: readonly (string | { readonly name: string; readonly series: number })[];
  /** The numbers of the figure. */
  readonly numbers: TableOptions;
}

/** A drawn plot with its title, caption and numbers. */
export function figure({ width, height, markup }: Figure, { id, title, description, legend, numbers }: FigureOptions): Html {
  return html`<figure>
<h3>${title}</h3>
${legend && legendOf(legend)}
<div class="plot"><svg role="img" aria-labelledby="${id}-title" aria-describedby="${id}-about" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><title id="${id}-title">${title}</title>${new Html(markup)}</svg></div>
<figcaption id="${id}-about">${description}</figcaption>
<details><summary>Numbers: ${title}</summary>${table(numbers)}</details>
</figure>`;
}

function legendOf(names: NonNullable<FigureOptions['legend']>): Html {
  const items = names.map((entry, index) => {
    const { name, series } = typeof entry === 'string' ? { name: entry, series: index } : entry;
    return html`<li><i class="s${series}"></i>${name}</li>`;
  });
  return html`<ul class="legend">${items}</ul>`;
}

/** A part of the page. */
export function section(id: string, title: string, ...content: readonly (Html | undefined)[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${title}</h2>
${content.flatMap((part) => (part === undefined ? [] : [html`${part}\n`]))}</section>`;
}
