import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { specChoices } from '../spec-choices.ts';

/**
 * A job spec as `graft init` writes it: JSON with comments, each value the default of the contract.
 * @param dataset goes in as it is: a name, or a folder
 */
export function specTemplate(dataset: string): string {
  const { backbone, strategy, head, training, split } = JobSpec.parse({ name: 'model', dataset: 'photos' });
  const { optimizer, schedule, epochs, batchSize, classWeights, augment, labelSmoothing, earlyStopping, seed } = training;
  return `// A job for graft train --spec. Each value is the default: leave out what you do not change.
// All members: docs/job-spec.md.
{
  // The images: a folder with one folder for each class, an archive, a manifest, or the name of a data set.
  "dataset": ${formatValue(dataset)},

  // The name of the model; default: the name of the data set.
  // "name": "my-model",

  // The pretrained network; graft backbones lists them. Optional: inputSize (in pixels) and weights.
  "backbone": { "name": ${formatValue(backbone.name)} },

  // Which of its layers train: ${specChoices.strategy.join(', ')}.
  "strategy": ${formatValue(strategy)},

  // The new layers: ${specChoices.head.join(', ')}, or a list of layers such as
  // [{ "layer": "globalAveragePool" }, { "layer": "dense", "units": 256, "activation": "relu" },
  //  { "layer": "dropout", "rate": 0.5 }]
  "head": ${formatValue(head)},

  "training": {
    // ${specChoices.optimizer.join(', ')}.
    "optimizer": { "name": ${formatValue(optimizer.name)}, "learningRate": ${formatValue(optimizer.learningRate)} },
    // constant, cosine, step, oneCycle or reduceOnPlateau.
    "schedule": ${formatValue(schedule)},
    // The most epochs. Training stops earlier after patience epochs without a lower validation loss; null turns that off.
    "epochs": ${formatValue(epochs)},
    "earlyStopping": ${formatValue(earlyStopping)},
    // Images per step.
    "batchSize": ${formatValue(batchSize)},
    // balanced gives every class the same weight, however many images it has.
    "classWeights": ${formatValue(classWeights)},
    // Random changes of the training images: ${specChoices.augment.join(', ')}.
    "augment": ${formatValue(augment)},
    "labelSmoothing": ${formatValue(labelSmoothing)},
    // Seed of the split, the initial weights and the order of the images.
    "seed": ${formatValue(seed)}
  },

  // Shares of the images: to train on, to choose the best epoch, and to evaluate the model.
  "split": ${formatValue(split)}

  // Limits of the job: minutes, and US dollars in AWS. Graft refuses a job whose estimate exceeds them.
  // , "compute": { "maxMinutes": 60, "maxCost": 1 }
}
`;
}

/** A value as JSON on one line, spaced as people write it. */
function formatValue(value: unknown): string {
  return JSON.stringify(value, undefined, 1).replaceAll(/\s+/g, ' ');
}
