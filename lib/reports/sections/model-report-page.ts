import type { ModelReport } from '../../contracts/model-report.ts';
import { count } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { classesSection, confusionSection, headlines } from './classes-section.ts';
import { comparisonSection } from './comparison-section.ts';
import { confidenceSection } from './confidence-section.ts';
import { curvesSection } from './curves-section.ts';
import { dataSection } from './data-section.ts';
import { historySection } from './history-section.ts';
import { imagesSection } from './images-section.ts';
import { omittedSection } from './omitted-section.ts';
import { MODEL_REPORT_STYLE } from './report-style.ts';
import type { SectionContext } from './section-context.ts';
import { strategySection } from './strategy-section.ts';
import { thresholdsSection } from './thresholds-section.ts';
import { timeSection } from './time-section.ts';

/** Nothing but the page's own style and the pictures inside it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * Renders a report as one HTML page without scripts or external resources.
 * @param context with sources of thumbnails: by SHA-256, and by path for suspect labels
 */
export function modelReportPage(context: SectionContext): string {
  const { report } = context;
  const sections = [
    comparisonSection(context),
    confusionSection(context),
    classesSection(context),
    curvesSection(context),
    confidenceSection(context),
    thresholdsSection(context),
    imagesSection(context),
    dataSection(context),
    strategySection(context),
    historySection(context),
    timeSection(context),
    omittedSection(report),
  ].filter((part): part is Html => part !== undefined);
  const name = `${report.model}@${report.version}`;
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name}: report</title>
<link rel="icon" href="data:,">
<style>${MODEL_REPORT_STYLE}</style>
</head>
<body>
<main>
<header>
<p class="kind">Model report</p>
<h1>${name}</h1>
<p class="summary">${report.summary}</p>
${sampleNote(report)}
<dl class="facts">${headlines(report).map(([value, label]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>
</header>
${sections.map((part) => html`${part}\n`)}
<footer><p>Intervals are 95% intervals. Job ${report.job}, ${report.createdAt.slice(0, 10)}. The same numbers for programs are in report.json.</p></footer>
</main>
</body>
</html>
`.markup
  }`;
}

function sampleNote({ evaluated: { images, of, part } }: ModelReport): Html | undefined {
  if (images === of) return undefined;
  return html`<p class="note">The report evaluates a random sample of ${count(images)} of the ${count(of)} ${part === 'test' ? 'test' : 'held-out'} images.</p>`;
}
