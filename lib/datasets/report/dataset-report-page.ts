import type { DatasetReport } from '../../contracts/dataset.ts';
import { escapeHtml } from '../../escape-html.ts';
import { count, percent } from '../../format.ts';
import { more } from './more.ts';
import { isCounted, refusedTable } from './report-refused.ts';
import { REPORT_STYLE } from './report-style.ts';

/** Findings of a kind that the page shows; it says how many more there are. */
export const MAX_FINDINGS = 60;
/** Paths of a set of duplicates that are written out. */
const MAX_PATHS = 12;

/** Sources of small images, by path. */
type Pictures = ReadonlyMap<string, string>;

/**
 * The report of a data set as one HTML page, without scripts or external resources.
 * @param samples some paths of each label; under "" those of images without a label
 * @param pictures sources of thumbnails, by path
 */
export function datasetReportPage(
  report: DatasetReport,
  samples: ReadonlyMap<string, readonly string[]>,
  pictures: ReadonlyMap<string, string>,
): string {
  const { suspects, duplicates, refused, warnings } = report;
  const sections = [
    section('warnings', 'Look at this first', warnings.length, warningList(report)),
    section('suspects', 'Labels that may be wrong', suspects?.found ?? 0, suspectCards(report, pictures), suspectNote(report)),
    section('classes', 'Classes', report.classes.length, classRows(report, samples, pictures)),
    section('duplicates', 'Duplicates', duplicates.length, duplicateCards(report, pictures)),
    section('refused', 'Refused files', refused.length, refusedTable(refused)),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(report.dataset)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(report.dataset)}</h1>
<p class="digest">${escapeHtml(report.digest)}</p>
</header>
${numbers(report)}
${sections.filter(Boolean).join('\n')}
</body>
</html>
`;
}

/** What a data set is, at a glance. */
function numbers({ accepted, classes, task, refused, duplicates, suspects, sizes, split }: DatasetReport): string {
  const { width, height } = sizes;
  const pixels = (side: 'smallest' | 'median' | 'largest'): string => `${width[side]} × ${height[side]}`;
  const facts: readonly (readonly [string, string])[] = [
    [count(accepted), 'images'],
    [count(classes.length), task === 'multi-label' ? 'labels, several an image' : 'classes'],
    [count(refused.filter(isCounted).length), 'files refused'],
    [count(duplicates.length), 'sets of duplicates'],
    ...(suspects === undefined ? [] : [[count(suspects.found), 'labels in doubt'] as const]),
    [pixels('median'), `pixels, the median; ${pixels('smallest')} to ${pixels('largest')}`],
    ...(split === undefined
      ? []
      : [[`${split.train ?? 0} / ${split.validation ?? 0} / ${split.test ?? 0}`, 'train, validation, test, as given'] as const]),
  ];
  return `<dl class="facts">${facts.map(([value, name]) => `<div><dd>${value}</dd><dt>${name}</dt></div>`).join('')}</dl>`;
}

function warningList({ warnings }: DatasetReport): string {
  const items = warnings.map(({ code, message }) => `<li>${escapeHtml(message)} <code>${escapeHtml(code)}</code></li>`);
  return `<ul class="warnings">\n${items.join('\n')}\n</ul>`;
}

function suspectNote({ suspects }: DatasetReport): string {
  return suspects === undefined
    ? ''
    : `Of ${count(suspects.checked)} images that were compared, these look like images of another class. Each is shown ` +
        'beside those.';
}

function suspectCards({ suspects }: DatasetReport, pictures: Pictures): string {
  const shown = (suspects?.suspects ?? []).slice(0, MAX_FINDINGS);
  const cards = shown.map(({ path, label, suggested, agreement, neighbours }) => {
    const near = neighbours.map((one) => picture(one.path, pictures, `${one.path}, similarity ${one.similarity.toFixed(2)}`));
    return `<figure class="card">
<div class="pair">${picture(path, pictures)}<span class="arrow">looks like</span>${near.join('')}</div>
<figcaption><b>${escapeHtml(label)}</b>, or <b>${escapeHtml(suggested)}</b> as ${percent(agreement, 0)} of its neighbours?
<span class="path">${escapeHtml(path)}</span></figcaption>
</figure>`;
  });
  return `<div class="cards">\n${cards.join('\n')}\n</div>${more((suspects?.found ?? 0) - shown.length)}`;
}

/** Each class with its share of the images as a bar, and what it looks like. */
function classRows({ classes }: DatasetReport, samples: ReadonlyMap<string, readonly string[]>, pictures: Pictures): string {
  const largest = Math.max(...classes.map(({ images }) => images), 1);
  const all = [...classes, ...(samples.has('') ? [{ label: '', images: undefined }] : [])];
  const rows = all.map(({ label, images }) => {
    const width = images === undefined ? 0 : Math.max((100 * images) / largest, 0.5);
    const bar = images === undefined ? '' : `<span class="bar"><i style="width:${width.toFixed(1)}%"></i></span>`;
    const shown = (samples.get(label) ?? []).map((path) => picture(path, pictures)).join('');
    const shownCount = images === undefined ? '' : count(images);
    return `<div class="class">
<div><b>${label === '' ? 'no label' : escapeHtml(label)}</b><span class="count">${shownCount}</span>${bar}</div>
<div class="strip">${shown}</div>
</div>`;
  });
  return rows.join('\n');
}

const kinds: Readonly<Record<DatasetReport['duplicates'][number]['kind'], string>> = {
  'same-class': 'the same file',
  'across-classes': 'the same file in several classes',
  'near-same-class': 'the same picture',
  'near-across-classes': 'the same picture in several classes',
};

/** Those across classes first: one of their labels is wrong. */
function duplicateCards({ duplicates }: DatasetReport, pictures: Pictures): string {
  const isDoubtful = ({ kind }: DatasetReport['duplicates'][number]): boolean => kind.endsWith('across-classes');
  const ordered = [...duplicates.filter(isDoubtful), ...duplicates.filter((one) => !isDoubtful(one))];
  const cards = ordered.slice(0, MAX_FINDINGS).map((one) => {
    const shown = one.paths.map((path) => picture(path, pictures)).join('');
    const paths = one.paths.slice(0, MAX_PATHS).map((path) => `<span class="path">${escapeHtml(path)}</span>`);
    return `<figure class="card${isDoubtful(one) ? ' doubtful' : ''}">
<div class="pair">${shown}</div>
<figcaption><b>${kinds[one.kind]}</b>${paths.join('')}${more(one.paths.length - MAX_PATHS)}</figcaption>
</figure>`;
  });
  return `<div class="cards">\n${cards.join('\n')}\n</div>${more(ordered.length - MAX_FINDINGS)}`;
}

function picture(path: string, pictures: Pictures, title = path): string {
  const source = pictures.get(path);
  return source === undefined ? '' : `<img src="${source}" alt="${escapeHtml(path)}" title="${escapeHtml(title)}">`;
}

function section(name: string, title: string, found: number, body: string, note = ''): string {
  if (found === 0) return '';
  const paragraph = note && `<p>${note}</p>\n`;
  return `<section id="${name}">\n<h2>${title} <span>${count(found)}</span></h2>\n${paragraph}${body}\n</section>`;
}
