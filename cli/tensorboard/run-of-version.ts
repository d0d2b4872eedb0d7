import { leafMembers } from '../../lib/contracts/explain/leaf-members.ts';
import type { Metrics } from '../../lib/contracts/metrics.ts';
import type { EpochRecord, ModelCard } from '../../lib/contracts/model-card.ts';
import type { BoardStep } from './encode-events.ts';

/** One run of TensorBoard: a folder with an event file. */
export interface BoardRun {
  readonly name: string;
  readonly steps: readonly BoardStep[];
}

/**
 * Describes a training as runs of TensorBoard: the epochs of training and validation with the tags that Keras uses, so
 * that their curves share a plot, the metrics of the published network, and texts.
 */
export function runsOfVersion(card: ModelCard, history: readonly EpochRecord[]): BoardRun[] {
  const { metrics, bestEpoch, strategy, spec } = card;
  const members = [...leafMembers(spec)].map(([path, value]) => `| ${path} | \`${JSON.stringify(value)}\` |`);
  const texts = {
    strategy: `**${strategy.name}**, cut at ${strategy.cut}. ${strategy.reason}`,
    spec: ['| member | value |', '| --- | --- |', ...members].join('\n'),
  };
  const train = history.map(({ epoch, loss, accuracy, learningRate }) => ({
    step: epoch,
    scalars: { epoch_loss: loss, epoch_accuracy: accuracy, epoch_learning_rate: learningRate },
  }));
  const validation = history.map(({ epoch, validationLoss, validationAccuracy }) => ({
    step: epoch,
    scalars: { epoch_loss: validationLoss, epoch_accuracy: validationAccuracy },
  }));
  const published = (of: Metrics): BoardStep => ({ step: bestEpoch, scalars: scalarsOf(of) });
  return [
    { name: 'train', steps: [{ step: 0, texts }, ...train] },
    { name: 'validation', steps: [...validation, published(metrics.validation)] },
    ...(metrics.test === undefined ? [] : [{ name: 'test', steps: [published(metrics.test)] }]),
  ];
}

/** Metrics of the published network, with the names of the card. */
function scalarsOf({ perClass: _, classCount: __, ...metrics }: Metrics): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => (value === undefined ? [] : [[`published/${name}`, value]])),
  );
}
