import { count, counted, pEquals, pValue } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { plotIntervals } from '../plots/plot-intervals.ts';
import { figure, section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** Whether this version is better than that of an alias. */
export function comparisonSection({ report: { comparison, model, version, task }, drawing }: SectionContext): Html | undefined {
  if (comparison === undefined) return undefined;
  const {
    alias,
    version: other,
    images,
    groups,
    bothRight,
    onlyThis,
    onlyOther,
    bothWrong,
    difference,
    midP,
    exact,
  } = comparison;
  const byGroups = groups === undefined ? '' : ` of the ${counted(groups, 'group')}, in which related images are one`;
  const otherName = `${model}@${other} (${alias})`;
  const verdict =
    midP >= 0.05
      ? 'The difference may be chance.'
      : difference.value > 0
        ? `This version is significantly better than ${otherName}.`
        : `This version is significantly worse than ${otherName}.`;
  const drawn = plotIntervals(drawing, [{ name: `${model}@${version}`, estimate: inPoints(difference) }], {
    label: `accuracy minus that of ${alias} (points)`,
    percent: false,
  });
  return section(
    'comparison',
    `Against ${alias}`,
    html`<p>${verdict} On the ${counted(images, 'image')} that both were evaluated on, this version alone is right on ${count(onlyThis)}, and ${otherName} alone on ${count(onlyOther)}. McNemar's test${byGroups}: ${pEquals(midP)} (mid-p), ${pValue(exact)} (exact).</p>`,
    figure(drawn, {
      id: 'difference',
      title: `Difference to ${otherName}`,
      description: `Accuracy of this version minus that of the other, on the same images, with a 95% interval.${
        task === 'multi-label' ? ' An image is right if all its labels are.' : ''
      }`,
      numbers: {
        head: ['', `${otherName} right`, `${otherName} wrong`],
        rows: [
          ['this version right', count(bothRight), count(onlyThis)],
          ['this version wrong', count(onlyOther), count(bothWrong)],
        ],
      },
    }),
  );
}

function inPoints({ value, low, high }: { readonly value: number; readonly low: number; readonly high: number }) {
  return { value: 100 * value, low: 100 * low, high: 100 * high };
}
