import { backboneCost } from '../backbones/backbone-cost.ts';
import { measureColourDistance } from '../datasets/colour-distance.ts';
import { relatedImages } from '../datasets/splits/assign-folds.ts';
import type { Split } from '../datasets/splits/split-dataset.ts';
import { labelled } from '../features/feature-examples.ts';
import { readStageFeatures } from '../features/stage-features.ts';
import { type Evidence, PROBED } from '../freezing/evidence.ts';
import { probeLinearly } from '../freezing/linear-probe.ts';
import { randomStream } from '../random.ts';
import { blocksOf } from '../training/closed-form/feature-block.ts';
import { gatherColumns } from '../training/examples.ts';
import { balancedScore } from '../training/metrics/balanced-score.ts';
import { taskScore } from '../training/metrics/task-score.ts';
import { preparationOptions } from './extraction-options.ts';
import { hashesOf } from './hashes-of.ts';
import { type TrainingContext, taskOf } from './training-context.ts';

/** The most images whose colours are measured. */
const COLOURED = 64;

/** The training images that are probed, as rows of the data set: at most `PROBED`, drawn by the seed. */
export function probedRows({ train }: Pick<Split, 'train'>, seed: number): number[] {
  return randomStream(seed, 'probe').shuffle(train).slice(0, PROBED);
}

/**
 * Probes every stage of the frozen backbone on training images. It stores the features like all others, and uses
 * neither validation nor test images.
 */
export async function gatherEvidence(context: TrainingContext): Promise<Evidence> {
  const { job, jobContext, world, dataset, split } = context;
  const sample = probedRows(split, job.spec.training.seed);
  const images = hashesOf(dataset, sample);
  return {
    trainingImages: split.train.length,
    validationImages: split.validation.length,
    classes: dataset.labels.length,
    task: taskOf(job),
    ...(await probeStages(sample, images, context)),
    probedImages: sample.length,
    colourDistance: await measureColourDistance(images.slice(0, COLOURED), world.store, jobContext.signal),
  };
}

async function probeStages(
  sample: readonly number[],
  images: readonly string[],
  context: TrainingContext,
): Promise<Pick<Evidence, 'probes' | 'balancedTop'>> {
  const { job, dataset, work } = context;
  const { backbone } = job.spec;
  const task = taskOf(job);
  const options = preparationOptions(context);
  const { trunk, inputs } = await work.time('features', () => readStageFeatures(backbone, images, options));
  const { classes, targets } = labelled(dataset, sample);
  const width = inputs.length / images.length;
  const blocks = new Map(blocksOf(trunk.blocks ?? []).map((block) => [block.name, block]));
  const related = relatedImages(dataset, sample);
  const { cuts } = backboneCost(backbone);
  const scored = cuts.map(({ name }, index) => {
    // The last stage has another name in each family; its block is the top. An encoder of a user has one vector.
    const block = blocks.get(index === cuts.length - 1 ? 'top' : name) ?? { start: 0, size: width };
    const features = gatherColumns(inputs, width, block);
    return { name, scores: probeLinearly({ features, targets, count: images.length, classes, task, related }) };
  });
  const probes = scored.map(({ name, scores }) => ({ stage: name, score: taskScore(scores) }));
  const top = scored.at(-1);
  return { probes, balancedTop: top === undefined ? 0 : balancedScore(top.scores) };
}
