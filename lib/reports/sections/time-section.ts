import type { FeatureWaits } from '../../contracts/job.ts';
import { type Html, html } from '../html.ts';
import { seconds } from '../numbers.ts';
import { plotSeconds } from '../plots/plot-seconds.ts';
import { figure, section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** What the features waited for: parts of their time. */
function waitRows({ decode, trunk, write }: FeatureWaits): string[][] {
  return [
    ['features: in the trunk', trunk.toFixed(1)],
    ['features: waiting for decoded images', decode.toFixed(1)],
    ['features: writing', write.toFixed(1)],
  ];
}

/** What the job spent its time on. */
export function timeSection({ report, drawing }: SectionContext): Html {
  const { features, train, evaluate, other, total, waits } = report.seconds;
  return section(
    'time',
    'Time',
    html`${figure(plotSeconds(drawing, report.seconds), {
      id: 'seconds',
      title: 'Time by stage',
      description: `The last attempt took ${seconds(total)} until the publication.`,
      legend: [
        `features ${seconds(features)}`,
        `training ${seconds(train)}`,
        `evaluation ${seconds(evaluate)}`,
        `other ${seconds(other)}`,
      ],
      numbers: {
        head: ['stage', 'seconds'],
        rows: [
          ['features', features.toFixed(1)],
          ...(waits === undefined ? [] : waitRows(waits)),
          ['training', train.toFixed(1)],
          ['evaluation', evaluate.toFixed(1)],
          ['other', other.toFixed(1)],
          ['total', total.toFixed(1)],
        ],
      },
    })}`,
  );
}
