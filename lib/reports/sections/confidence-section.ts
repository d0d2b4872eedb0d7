import type { ModelReport } from '../../contracts/model-report.ts';
import { count, percent } from '../../format.ts';
import { type Html, html } from '../html.ts';
import type { Drawing } from '../plots/draw.ts';
import { plotCurves } from '../plots/plot-curves.ts';
import { figure, section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** Whether the probabilities are right, and what abstaining would give. */
export function confidenceSection({ report, drawing }: SectionContext): Html | undefined {
  const { calibration, coverage, novelty, task } = report;
  if (calibration === undefined && coverage === undefined && novelty === undefined) return undefined;
  return section(
    'confidence',
    'Confidence',
    html`<div class="pair">
${calibration && reliability(calibration, task, drawing)}
${coverage && coverageFigure(coverage, report.metrics.accuracy.value, drawing)}
</div>`,
    novelty && html`<p>${describeNovelty(novelty)}</p>`,
  );
}

function describeNovelty(novelty: NonNullable<ModelReport['novelty']>): string {
  if ('omitted' in novelty) return `The model has no novelty score. ${novelty.omitted}`;
  const { threshold, images, expectedShare, testShare } = novelty;
  const measured = testShare === undefined ? '' : ` Of the test images, ${percent(testShare)} are unknown to it.`;
  return `An image is unknown to the model if its novelty score is above ${threshold.toPrecision(3)}, the conformal quantile of ${count(images)} held-out images. New images like these are expected to exceed it in ${percent(expectedShare)} of cases.${measured}`;
}

function reliability(
  { method, before, after }: NonNullable<ModelReport['calibration']>,
  task: ModelReport['task'],
  drawing: Drawing,
): Html {
  const isCalibrated = method !== 'none';
  const states = isCalibrated ? [after, before] : [after];
  const most = Math.max(...states.flatMap(({ bins }) => bins.map((bin) => bin.count)));
  const drawn = plotCurves(
    drawing,
    states.map(({ bins }, series) => ({
      points: bins.map(({ confidence, accuracy }) => [confidence, accuracy] as const),
      series,
      radii: bins.map((bin) => 2 + 4 * Math.sqrt(bin.count / most)),
      isDashed: series === 1,
    })),
    { x: 'predicted probability (%)', y: 'observed frequency (%)', diagonal: true },
  );
  const how =
    {
      none: 'No calibration was applied, because none lowered the loss.',
      temperature: 'All logits are divided by one temperature.',
      'per-label': 'Each label has its own scale and offset.',
    }[method] ?? '';
  const of = task === 'multi-label' ? 'the probability of each label' : 'the probability of the predicted class';
  return figure(drawn, {
    id: 'reliability',
    title: 'Calibration',
    description: `Probabilities in 15 bins against how often they are right: ${of}. The larger a dot, the more predictions it has. On the dashed diagonal, probability and frequency agree. ${how}`,
    legend: isCalibrated
      ? [`after, error ${percent(after.expectedCalibrationError)}`, `before, error ${percent(before.expectedCalibrationError)}`]
      : [`calibration error ${percent(after.expectedCalibrationError)}`],
    numbers: {
      head: ['', 'probability', 'frequency', 'predictions'],
      rows: states.flatMap(({ bins }, index) =>
        bins.map(({ confidence, accuracy, count: of }) => [
          index === 0 ? 'after' : 'before',
          percent(confidence),
          percent(accuracy),
          count(of),
        ]),
      ),
    },
  });
}

function coverageFigure({ points, thresholds }: NonNullable<ModelReport['coverage']>, accuracy: number, drawing: Drawing): Html {
  const lowest = Math.min(...points.map(([, y]) => y));
  const drawn = plotCurves(drawing, [{ points, series: 0 }], {
    x: 'images that get a prediction (%)',
    y: 'accuracy of these (%)',
    yDomain: [Math.max(0, Math.floor(lowest * 10) / 10 - 0.05), 1],
  });
  return figure(drawn, {
    id: 'coverage',
    title: 'Accuracy if the model abstains',
    description: `If the model predicts only images whose probability reaches a threshold (abstain), it covers fewer images and is right more often. With all images it is right on ${percent(accuracy)}. Predict takes such a threshold as --abstain. With --precision 0.95 it takes the threshold of the card (abstention) for this precision, which was chosen on held-out images.`,
    numbers: {
      head: ['threshold', 'images covered', 'accuracy'],
      rows: thresholds.map((one) => [
        one.threshold.toFixed(2),
        percent(one.coverage),
        one.accuracy === undefined ? '–' : percent(one.accuracy),
      ]),
    },
  });
}
