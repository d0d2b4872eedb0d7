import type { DatasetReport } from '../contracts/dataset.ts';

/** Findings of a kind that the page shows; it says how many more there are. */
export const MAX_FINDINGS = 60;
const MAX_REFUSED = 500;

/**
 * The report of a data set as one HTML page: no script, nothing from elsewhere.
 * @param samples some paths of each label; under "" those of images without a label
 * @param pictures sources of small images, by path
 */
export function reportPage(
  report: DatasetReport,
  samples: ReadonlyMap<string, readonly string[]>,
  pictures: ReadonlyMap<string, string>,
): string {
  const { width, height } = report.sizes;
  const sections = [
    section(
      'Warnings',
      report.warnings.map(({ code, message }) => `<li><code>${escapeHtml(code)}</code> ${escapeHtml(message)}</li>`),
      list,
    ),
    section('Classes', classRows(report, samples, pictures), table),
    section('Duplicates', duplicateRows(report, pictures), table),
    section('Refused', refusedRows(report), table),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(report.dataset)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(report.dataset)}</h1>
<p>${report.accepted} images in ${report.classes.length} classes, ${report.task}; ${report.refused.length} files refused.<br>
Width ${width.smallest} to ${width.largest} pixels, half of them at most ${width.median}; height ${height.smallest} to ${height.largest}, half at most ${height.median}.<br>
<small>${escapeHtml(report.digest)}</small></p>
${sections.filter(Boolean).join('\n')}
</body>
</html>
`;
}

function classRows(
  { classes }: DatasetReport,
  samples: ReadonlyMap<string, readonly string[]>,
  pictures: ReadonlyMap<string, string>,
) {
  const largest = Math.max(...classes.map(({ images }) => images), 1);
  const unlabelled = samples.has('') ? [{ label: '', images: undefined }] : [];
  return [...classes, ...unlabelled].map(({ label, images }) => {
    const shown = (samples.get(label) ?? []).map((path) => picture(path, pictures)).join('');
    const bar = images === undefined ? '' : `${images}<meter max="${largest}" value="${images}"></meter>`;
    return `<tr><th>${label === '' ? 'no label' : escapeHtml(label)}</th><td class="count">${bar}</td><td>${shown}</td></tr>`;
  });
}

const kinds: Readonly<Record<DatasetReport['duplicates'][number]['kind'], string>> = {
  'same-class': 'the same file',
  'across-classes': 'the same file in several classes',
  'near-same-class': 'the same picture',
  'near-across-classes': 'the same picture in several classes',
};

/** Those across classes first: one of their labels is wrong. */
function duplicateRows({ duplicates }: DatasetReport, pictures: ReadonlyMap<string, string>): string[] {
  const doubtful = duplicates.filter(({ kind }) => kind.endsWith('across-classes'));
  const others = duplicates.filter(({ kind }) => !kind.endsWith('across-classes'));
  const ordered = [...doubtful, ...others];
  return [
    ...ordered.slice(0, MAX_FINDINGS).map(({ kind, paths }) => {
      const shown = paths.map((path) => picture(path, pictures)).join('');
      return `<tr><th>${kinds[kind]}</th><td>${shown}<div class="paths">${paths.map(escapeHtml).join('<br>')}</div></td></tr>`;
    }),
    ...more(ordered.length - MAX_FINDINGS),
  ];
}

function refusedRows({ refused }: DatasetReport): string[] {
  return [
    ...refused
      .slice(0, MAX_REFUSED)
      .map(
        ({ path, code, message }) =>
          `<tr><th>${escapeHtml(path)}</th><td><code>${escapeHtml(code)}</code> ${escapeHtml(message)}</td></tr>`,
      ),
    ...more(refused.length - MAX_REFUSED),
  ];
}

function more(count: number): string[] {
  return count > 0 ? [`<tr><th></th><td>and ${count} more</td></tr>`] : [];
}

function picture(path: string, pictures: ReadonlyMap<string, string>): string {
  const source = pictures.get(path);
  return source === undefined ? '' : `<img src="${source}" alt="${escapeHtml(path)}" title="${escapeHtml(path)}">`;
}

function section(title: string, items: readonly string[], around: (items: readonly string[]) => string): string {
  return items.length === 0 ? '' : `<h2>${title}</h2>\n${around(items)}`;
}

function list(items: readonly string[]): string {
  return `<ul>\n${items.join('\n')}\n</ul>`;
}

function table(rows: readonly string[]): string {
  return `<table>\n${rows.join('\n')}\n</table>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1e; }
h1, h2 { font-weight: 600; }
small, .paths { color: #6b6b70; font-size: 12px; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
tr { border-top: 1px solid #e3e3e6; }
th { text-align: left; font-weight: 500; width: 16rem; overflow-wrap: anywhere; }
th, td { padding: .4rem .8rem .4rem 0; vertical-align: top; }
.count { width: 9rem; white-space: nowrap; }
meter { width: 5rem; margin-left: .6rem; }
img { max-width: 96px; max-height: 96px; margin: 0 4px 4px 0; border-radius: 4px; vertical-align: middle; }
code { font-size: 12px; background: #f2f2f4; padding: 1px 5px; border-radius: 4px; }
`;
