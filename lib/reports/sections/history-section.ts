import type { ModelReport } from '../../contracts/model-report.ts';
import { percent } from '../../format.ts';
import { type Html, html } from '../html.ts';
import { plotHistory } from '../plots/plot-history.ts';
import { figure, section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

type History = NonNullable<ModelReport['history']>;

/** Loss and accuracy by epoch. */
export function historySection({ report, drawing }: SectionContext): Html | undefined {
  const { history, bestEpoch, task } = report;
  if (history === undefined) return undefined;
  const accuracy = task === 'multi-label' ? 'share of right decisions' : 'accuracy';
  const rows = history.map((one) => [
    one.epoch,
    one.loss.toFixed(4),
    one.validationLoss.toFixed(4),
    percent(one.accuracy),
    percent(one.validationAccuracy),
  ]);
  const numbers = {
    head: ['epoch', 'training loss', 'validation loss', `training ${accuracy}`, `validation ${accuracy}`],
    rows,
  };
  const legend = ['training images', 'validation images'];
  return section(
    'history',
    'Learning curves',
    html`<div class="pair">
${figure(plotHistory(drawing, history, { metric: 'loss', bestEpoch }), {
  id: 'loss',
  title: 'Loss by epoch',
  description: `Mean loss of each epoch. The vertical line is epoch ${bestEpoch}, ${reasonOf(history, report)}.`,
  legend,
  numbers,
})}
${figure(plotHistory(drawing, history, { metric: 'accuracy', bestEpoch }), {
  id: 'accuracy',
  title: `Accuracy by epoch`,
  description: `The ${accuracy} of each epoch. Training values are measured while the weights change, with dropout and augmentation, so they may be lower than those of validation.`,
  legend,
  numbers,
})}
</div>`,
  );
}

/** Why an epoch was kept. An interpolation has a loss of its own, which no epoch shows. */
function reasonOf(history: History, { bestEpoch, interpolation }: ModelReport): string {
  const lowest = Math.min(...history.map(({ validationLoss }) => validationLoss));
  if (history.some(({ epoch, validationLoss }) => epoch === bestEpoch && validationLoss === lowest))
    return 'which has the lowest validation loss';
  if (interpolation === undefined) return 'which has the lowest validation loss of the fine-tuning';
  if (interpolation === 1) return 'the last one, which was better than interpolations with the weights before the fine-tuning';
  return "the last one. The model's weights lie between those before the fine-tuning and those of this epoch";
}
