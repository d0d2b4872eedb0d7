import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { specChoices } from '../spec-choices.ts';

/**
 * A job spec as `graft init` writes it: JSON with comments, each value the default of the contract.
 * @param dataset goes in as it is: a name, or a folder
 */
export function specTemplate(dataset: string): string {
  const { backbone, strategy, head, training, split } = JobSpec.parse({ name: 'model', dataset: 'photos' });
  const { optimizer, schedule, epochs, batchSize, classWeights, augment, labelSmoothing, earlyStopping, seed } = training;
  return `// A job for graft train --spec. What is left out has the default that stands here; docs/job-spec.md has all members.
{
  // Images to learn from: a folder with one folder a class, an archive, a manifest, or the name of a data set.
  "dataset": ${formatValue(dataset)},

  // Name of the model; left out, the name of the data set.
  // "name": "my-model",

  // The pretrained network; graft backbones lists them. An inputSize (pixels) and weights may follow.
  "backbone": { "name": ${formatValue(backbone.name)} },

  // How much of it is trained: ${specChoices.strategy.join(', ')}.
  "strategy": ${formatValue(strategy)},

  // What is trained on top: ${specChoices.head.join(', ')}, or a list of layers such as
  // [{ "layer": "globalAveragePool" }, { "layer": "dense", "units": 256, "activation": "relu" }, { "layer": "dropout", "rate": 0.5 }]
  "head": ${formatValue(head)},

  "training": {
    // ${specChoices.optimizer.join(', ')}.
    "optimizer": { "name": ${formatValue(optimizer.name)}, "learningRate": ${formatValue(optimizer.learningRate)} },
    // constant, cosine, step, oneCycle or reduceOnPlateau.
    "schedule": ${formatValue(schedule)},
    // At most so many: training stops after so many of them (patience) without a lower validation loss; null never stops it.
    "epochs": ${formatValue(epochs)},
    "earlyStopping": ${formatValue(earlyStopping)},
    // Images a step.
    "batchSize": ${formatValue(batchSize)},
    // balanced gives every class the same weight, however many images it has.
    "classWeights": ${formatValue(classWeights)},
    // Random changes of the training images: ${specChoices.augment.join(', ')}.
    "augment": ${formatValue(augment)},
    "labelSmoothing": ${formatValue(labelSmoothing)},
    // Moves split, initial weights and order; the same seed gives the same model.
    "seed": ${formatValue(seed)}
  },

  // Shares of the images: to learn from, to choose the epoch by, and to judge the model by.
  "split": ${formatValue(split)}

  // What the job may take; one that is estimated to take more is refused. Minutes, and US dollars where it runs in AWS.
  // , "compute": { "maxMinutes": 60, "maxCost": 1 }
}
`;
}

/** A value as JSON on one line, with the spaces of a hand. */
function formatValue(value: unknown): string {
  return JSON.stringify(value, undefined, 1).replaceAll(/\s+/g, ' ');
}
