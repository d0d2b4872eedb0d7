import { type Html, html } from '../html.ts';
import { percent } from '../numbers.ts';
import { plotHistory } from '../plots/plot-history.ts';
import { figure, section } from './figure.ts';
import type { SectionContext } from './section-context.ts';

/** Loss and accuracy by epoch. */
export function historySection({ report: { history, bestEpoch, task }, drawing }: SectionContext): Html | undefined {
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
  description: `Mean loss of each epoch. The vertical line is epoch ${bestEpoch}, which has the lowest validation loss.`,
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
