import type { ModelReport } from '../../contracts/model-report.ts';
import type { ReportedImage } from '../../contracts/report-parts.ts';
import { count, counted, percent } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** The worst errors, the least certain predictions and the suspect labels, as thumbnails. */
export function imagesSection({ report, pictures, evidence }: SectionContext): Html | undefined {
  const { errors, leastSure, suspects, errorCount, evaluated } = report;
  if (errors === undefined && leastSure === undefined && suspects === undefined) return undefined;
  return section(
    'images',
    'Images to look at',
    errors &&
      html`<h3>Worst errors</h3>
<p class="note">${counted(errorCount, 'evaluated image')} of ${count(evaluated.images)} ${errorCount === 1 ? 'is' : 'are'} wrong. ${errorCount > errors.length ? `These ${errors.length} are the most confident errors.` : 'The most confident error comes first.'} Look first whether the label is right.</p>
${gallery(errors, { pictures, evidence })}`,
    leastSure &&
      html`<h3>Least certain predictions</h3>
<p class="note">Labels for images like these would teach the model the most.</p>
${gallery(leastSure, { pictures, evidence })}`,
    suspects && suspectList(suspects, pictures),
  );
}

type Pictures = Pick<SectionContext, 'pictures' | 'evidence'>;

function gallery(images: readonly ReportedImage[], { pictures, evidence }: Pictures): Html {
  const cards = images.map(
    ({ path, sha256, labels, predicted, missed = [] }) => html`<li class="card">${thumbnail(pictures.get(sha256), path)}
${heat(evidence.get(sha256), path)}<p><span class="truth">${labels.length === 0 ? 'no label' : labels.join(', ')}</span>
${predicted.map(
  ({ label, probability }) =>
    html`<span class="guess${labels.includes(label) ? '' : ' wrong'}"><span>${label}</span> <span>${percent(probability)}</span></span>`,
)}
${predicted.length === 0 ? html`<span class="guess">nothing predicted</span>` : undefined}
${missed.map(({ label, probability }) => html`<span class="guess wrong"><span>missed: ${label}</span> <span>${percent(probability)}</span></span>`)}
<span class="path">${path}</span></p></li>\n`,
  );
  const hasEvidence = images.some(({ sha256 }) => evidence.has(sha256));
  return html`${hasEvidence ? EVIDENCE_NOTE : undefined}<ul class="gallery">${cards}</ul>`;
}

const EVIDENCE_NOTE = html`<p class="note">The second picture shows where the model found evidence for its prediction: the brighter, the more.</p>
`;

function heat(source: string | undefined, path: string): Html | undefined {
  return source === undefined ? undefined : html`<img class="evidence" src="${source}" alt="evidence in ${path}">\n`;
}

function suspectList(
  { checked, found, suspects }: NonNullable<ModelReport['suspects']>,
  pictures: SectionContext['pictures'],
): Html {
  const cards = suspects.map(
    ({ path, label, suggested, agreement }) => html`<li class="card">${thumbnail(pictures.get(path), path)}
<p><span class="truth">${label}</span>
<span class="guess wrong"><span>${suggested}</span> <span>${percent(agreement)}</span></span>
<span class="path">${path}</span></p></li>\n`,
  );
  return html`<h3>Labels that may be wrong</h3>
<p class="note">${counted(found, 'image')} of ${count(checked)} in the whole data set look like images of another class, by the share of their nearest neighbours.${found > suspects.length ? ` These are the ${suspects.length} most suspect ones.` : ''}</p>
<ul class="gallery">${cards}</ul>`;
}

function thumbnail(source: string | undefined, path: string): Html {
  return source === undefined ? html`<span class="missing">no picture</span>` : html`<img src="${source}" alt="${path}">`;
}
