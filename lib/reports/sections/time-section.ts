import type { FeatureWaits } from '../../contracts/job.ts';
import { dollars, duration } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { plotSeconds } from '../plots/plot-seconds.ts';
import { figure, section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** What the features waited for: parts of their time. */
function waitStages({ decode, trunk, write }: FeatureWaits): [stage: string, seconds: number][] {
  return [
    ['features: in the trunk', trunk],
    ['features: waiting for decoded images', decode],
    ['features: writing', write],
  ];
}

/** What the job spent its time, and on a rented machine its money, on. */
export function timeSection({ report, drawing }: SectionContext): Html {
  const { dollarsPerHour } = report;
  const { features, train, evaluate, other, total, waits } = report.seconds;
  const costOf = (ofStage: number) => (dollarsPerHour === undefined ? undefined : (ofStage / 3600) * dollarsPerHour);
  const stages: [stage: string, seconds: number][] = [
    ['features', features],
    ...(waits === undefined ? [] : waitStages(waits)),
    ['training', train],
    ['evaluation', evaluate],
    ['other', other],
    ['total', total],
  ];
  const cost = costOf(total);
  return section(
    'time',
    cost === undefined ? 'Time' : 'Time and cost',
    html`${figure(plotSeconds(drawing, report.seconds), {
      id: 'seconds',
      title: 'Time by stage',
      description: `The last attempt took ${duration(total)} until the publication${cost === undefined ? '' : `, which costs ${dollars(cost)} at the On-Demand price of its machine`}.`,
      legend: [
        `features ${duration(features)}`,
        `training ${duration(train)}`,
        `evaluation ${duration(evaluate)}`,
        `other ${duration(other)}`,
      ],
      numbers: {
        head: ['stage', 'seconds', ...(cost === undefined ? [] : ['US dollars'])],
        rows: stages.map(([stage, ofStage]) => {
          const own = costOf(ofStage);
          return [stage, ofStage.toFixed(1), ...(own === undefined ? [] : [own.toFixed(4)])];
        }),
      },
    })}`,
  );
}
