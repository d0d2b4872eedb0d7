import type { ModelReport } from '../../contracts/model-report.ts';
import { percent } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { bounds } from '../numbers.ts';
import type { Drawing } from '../plots/draw.ts';
import { plotIntervals } from '../plots/plot-intervals.ts';
import { figure, section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** The most trials of the figure: the best ones. */
const MOST_TRIALS = 30;

/** What was frozen, why, and the candidates that were compared. */
export function strategySection({ report, drawing }: SectionContext): Html {
  const { strategy, trials, task } = report;
  const { tuningGain } = strategy;
  return section(
    'strategy',
    'Strategy',
    html`<p><b>${strategy.name}</b>, cut at <code>${strategy.cut}</code>. ${strategy.reason}</p>`,
    tuningGain === undefined
      ? undefined
      : html`<p>Fine-tuning changed the loss on the validation images by ${signed(-tuningGain.value)} (95% interval ${signed(-tuningGain.high)} to ${signed(-tuningGain.low)}; lower is better).</p>`,
    strategy.backbones && backbonesFigure(strategy.backbones, task, drawing),
    strategy.candidates && candidatesFigure(strategy.candidates, task, drawing),
    trials && trialsFigure(trials, drawing),
  );
}

function candidatesFigure(
  candidates: NonNullable<ModelReport['strategy']['candidates']>,
  task: ModelReport['task'],
  drawing: Drawing,
): Html {
  const metric = metricOf(task);
  const best = Math.max(...candidates.map(({ score }) => score.value));
  const hasIntervals = candidates.every(({ score: { low, high } }) => low !== undefined && high !== undefined);
  const drawn = plotIntervals(
    drawing,
    candidates.map(({ name, score: { value, low = value, high = value } }) => ({
      name,
      estimate: { value, low, high },
      isMarked: value === best,
    })),
    { label: `${metric} (%)` },
  );
  return figure(drawn, {
    id: 'candidates',
    title: 'Linear probes at the end of each stage',
    description: `A linear classifier on the frozen features of each stage of the backbone, from the images to the top, on training images that it was not fitted to.${hasIntervals ? ' Lines are 95% intervals.' : ''} The best stage has the other colour.`,
    numbers: {
      head: ['stage', metric, ...(hasIntervals ? ['95% interval'] : [])],
      rows: candidates.map(({ name, score: { value, low, high } }) => [
        name,
        percent(value),
        ...(low === undefined || high === undefined ? [] : [bounds({ low, high })]),
      ]),
    },
  });
}

function backbonesFigure(
  backbones: NonNullable<ModelReport['strategy']['backbones']>,
  task: ModelReport['task'],
  drawing: Drawing,
): Html {
  const drawn = plotIntervals(
    drawing,
    backbones.map(({ name, difference, isChosen }) => ({ name, estimate: difference, isMarked: isChosen })),
    { label: 'loss above the lowest', percent: false },
  );
  return figure(drawn, {
    id: 'backbones',
    title: 'Compared backbones',
    description:
      'The loss of a linear head on the frozen features of each backbone, above that of the backbone with the lowest loss, on the same training images by cross-validation. Lines are 95% intervals; the chosen backbone has the other colour. Milliseconds are for one image on one core.',
    numbers: {
      head: [
        'backbone',
        'loss above the lowest',
        '95% interval',
        metricOf(task),
        'multiply-adds (billions)',
        'milliseconds',
        'megabytes',
        'licence',
      ],
      rows: backbones.map(({ name, difference, accuracy, meanAveragePrecision, ...cost }) => [
        name,
        signed(difference.value),
        `${signed(difference.low)} to ${signed(difference.high)}`,
        orDash(accuracy ?? meanAveragePrecision, percent),
        orDash(cost.gigaMultiplyAdds, rough),
        orDash(cost.milliseconds, rough),
        orDash(cost.megabytes, rough),
        cost.licence ?? '–',
      ]),
    },
  });
}

function metricOf(task: ModelReport['task']): string {
  return task === 'multi-label' ? 'mean average precision' : 'accuracy';
}

/** Two digits, which is as exact as speeds are. */
function rough(value: number): string {
  return `${Number(value.toPrecision(2))}`;
}

function orDash(value: number | undefined, format: (value: number) => string): string {
  return value === undefined ? '–' : format(value);
}

function trialsFigure(trials: NonNullable<ModelReport['trials']>, drawing: Drawing): Html | undefined {
  const compared = trials
    .flatMap(({ gain, ...trial }) => (gain === undefined ? [] : [{ ...trial, gain }]))
    .sort((a, b) => b.gain.value - a.gain.value)
    .slice(0, MOST_TRIALS);
  if (compared.length === 0) return undefined;
  const drawn = plotIntervals(
    drawing,
    compared.map(({ trial, gain, isBest }) => ({ name: `trial ${trial}`, estimate: gain, isMarked: isBest })),
    { label: 'reduction of the loss against the default', percent: false },
  );
  return figure(drawn, {
    id: 'trials',
    title: 'Trials of the search',
    description: `How much each trial lowered the loss of the default, on images that it was not trained on. Lines are 95% intervals; the chosen trial has the other colour. Of ${trials.length} trials, the figure shows ${compared.length}.`,
    numbers: {
      head: ['trial', 'values', 'gain', '95% interval'],
      rows: compared.map(({ trial, values, gain }) => [
        trial,
        values,
        signed(gain.value),
        `${signed(gain.low)} to ${signed(gain.high)}`,
      ]),
    },
  });
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}
