import { escapeHtml } from '../escape-html.ts';

/** Markup that is safe to insert into a page. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

type Inserted = Html | string | number | undefined | readonly Inserted[];

/**
 * Makes markup of a template. Inserted texts are escaped, for elements and for attributes in double quotes; inserted
 * markup and lists of markup are not.
 * @example
 * ```ts
 * html`<td title="${path}">${label}</td>`;
 * ```
 */
export function html(parts: TemplateStringsArray, ...inserted: readonly Inserted[]): Html {
  return new Html(parts.map((part, i) => `${part}${render(inserted[i])}`).join(''));
}

function render(value: Inserted): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map(render).join('');
}
