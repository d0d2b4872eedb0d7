import type { ModelReport } from '../../../lib/contracts/model-report.ts';
import type { Estimate } from '../../../lib/contracts/report-parts.ts';
import { count, percent } from '../../../lib/format.ts';
import { Stats } from '../../components/basics.tsx';
import { text } from '../../strings.ts';

/** The metrics of a version with their intervals. */
export function Headlines({ report: { task, metrics, evaluated, errorCount } }: { readonly report: ModelReport }) {
  const { accuracy, balancedAccuracy, macroF1, meanAveragePrecision } = metrics;
  return (
    <Stats
      of={[
        [
          text.look.evaluated[evaluated.part],
          // Without their number, a sample would pass for all images.
          <>
            {count(evaluated.images)} {evaluated.images < evaluated.of && <small>{text.look.ofAll(count(evaluated.of))}</small>}
          </>,
        ],
        [text.look.wrong, count(errorCount)],
        ...(meanAveragePrecision === undefined ? [] : [[text.job.meanAveragePrecision, percent(meanAveragePrecision)] as const]),
        [text.look.accuracy[task], <Interval key="accuracy" of={accuracy} />],
        ...(balancedAccuracy === undefined
          ? []
          : [[text.job.balanced, <Interval key="balanced" of={balancedAccuracy} />] as const]),
        // A model of one class has no other classes to average.
        ...(task === 'one-class' || macroF1 === undefined
          ? []
          : [[text.job.macroF1, <Interval key="f1" of={macroF1} />] as const]),
      ]}
    />
  );
}

function Interval({ of: { value, low, high } }: { readonly of: Estimate }) {
  return (
    <>
      {percent(value)} <small class="interval">{text.look.interval(percent(low), percent(high))}</small>
    </>
  );
}
