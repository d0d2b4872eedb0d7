import type { OpenapiDocument } from './openapi.ts';

/** The OpenAPI document as one page of HTML that loads nothing. */
export function docsPage({ info, paths = {}, components }: OpenapiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([method, operation]) => section(method, path, operation)),
  );
  const schemas = Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) => `<section id="schema-${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${code(schema)}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)} ${escapeHtml(info.version)}: the API</title>
<style>${STYLE}</style>
<h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1>
<p>${escapeHtml(info.description ?? '')} The same for programs: <a href="/openapi.json">openapi.json</a>.</p>
${operations.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</html>
`;
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
section{border-top:1px solid #8884;padding:.5rem 0}h2{font-size:1.1rem}b{font-family:ui-monospace,monospace}
pre{overflow:auto;max-height:24rem;padding:.5rem;background:#8881;font-size:.85rem}td{padding:.1rem .8rem .1rem 0;vertical-align:top}`;

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly unknown[];
  readonly requestBody?: unknown;
  readonly responses?: Readonly<Record<string, unknown>>;
}

function section(method: string, path: string, { summary = '', parameters, requestBody, responses = {} }: Operation): string {
  const rows = Object.entries(responses).map(
    ([status, response]) => `<tr><td>${escapeHtml(status)}<td>${escapeHtml(descriptionOf(response))}`,
  );
  return `<section><h2><b>${escapeHtml(method.toUpperCase())} ${escapeHtml(path)}</b></h2><p>${escapeHtml(summary)}</p>
${details('Parameters', parameters)}${details('Body', requestBody)}<table>${rows.join('')}</table>
${details('Responses', responses)}</section>`;
}

function descriptionOf(response: unknown): string {
  return typeof response === 'object' && response !== null && 'description' in response ? `${response.description}` : '';
}

function details(title: string, value: unknown): string {
  return value === undefined ? '' : `<details><summary>${title}</summary>${code(value)}</details>`;
}

function code(value: unknown): string {
  return `<pre>${escapeHtml(JSON.stringify(value, null, 2))}</pre>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
