import { backboneCost } from '../backbones/backbone-cost.ts';
import type { BackboneSpec } from '../contracts/job-spec.ts';
import { measureColourDistance } from '../datasets/colour-distance.ts';
import { relatedImages } from '../datasets/splits/assign-folds.ts';
import type { Split } from '../datasets/splits/split-dataset.ts';
import type { Dataset } from '../datasets/versions/dataset-store.ts';
import type { ExtractionOptions } from '../features/extract-features.ts';
import { labelled } from '../features/feature-examples.ts';
import { readStageFeatures } from '../features/stage-features.ts';
import { type Evidence, PROBED } from '../freezing/evidence.ts';
import { probeLinearly } from '../freezing/linear-probe.ts';
import { randomStream } from '../random.ts';
import { blocksOf } from '../training/closed-form/feature-block.ts';
import { gatherColumns } from '../training/examples.ts';
import { balancedScore } from '../training/metrics/balanced-score.ts';
import { taskScore } from '../training/metrics/task-score.ts';
import { hashesOf } from './hashes-of.ts';

/** The most images whose colours are measured. */
const COLOURED = 64;

export interface EvidenceContext {
  readonly backbone: BackboneSpec;
  readonly task: 'single-label' | 'multi-label';
  readonly dataset: Dataset;
  readonly split: Split;
  readonly seed: number;
}

/** The training images that are probed, as rows of the data set: at most `PROBED`, drawn by the seed. */
export function probedRows({ train }: Pick<Split, 'train'>, seed: number): number[] {
  return randomStream(seed, 'probe').shuffle(train).slice(0, PROBED);
}

/**
 * Probes every stage of the frozen backbone on training images. It stores the features like all others, and uses
 * neither validation nor test images.
 */
export async function gatherEvidence(context: EvidenceContext, options: ExtractionOptions): Promise<Evidence> {
  const { dataset, split, task, seed } = context;
  const sample = probedRows(split, seed);
  const images = hashesOf(dataset, sample);
  return {
    trainingImages: split.train.length,
    validationImages: split.validation.length,
    classes: dataset.labels.length,
    task,
    ...(await probeStages(context, sample, images, options)),
    probedImages: sample.length,
    colourDistance: await measureColourDistance(images.slice(0, COLOURED), options.store, options.signal),
  };
}

async function probeStages(
  { backbone, task, dataset }: EvidenceContext,
  sample: readonly number[],
  images: readonly string[],
  options: ExtractionOptions,
): Promise<Pick<Evidence, 'probes' | 'balancedTop'>> {
  const { trunk, inputs } = await readStageFeatures(backbone, images, options);
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
