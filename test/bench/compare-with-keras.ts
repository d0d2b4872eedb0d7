import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { type Bench, inSeconds } from './bench.ts';
import { drawImages } from './draw-images.ts';
import { graftCommand } from './graft-command.ts';
import { runKeras } from './keras/run-keras.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';
import type { Sample } from './time-work.ts';

/** A job that Graft and Keras both run, from a folder of images to a trained model. Random weights take the same time. */
export interface JobAgainstKeras {
  readonly images: { readonly count: number; readonly classes: number; readonly side: number };
  readonly epochs: number;
  /** The job's name in keras/jobs.py. */
  readonly kerasJob: string;
  /** The ways in which Keras does it, by the name of the side; the first is the one of `ratio`. */
  readonly kerasWays: Readonly<Record<string, 'fit' | 'cached' | 'unfrozen'>>;
  /** The job spec, without data set and weights. */
  readonly spec: Omit<JobSpecInput, 'name' | 'dataset'>;
}

/**
 * Epochs that Keras's `fit` runs. After the first, which compiles the model, each takes equally long, so that
 * GRAFT_BENCH_KERAS_EPOCHS, 2 or more, may let it run fewer, whose time then counts for all.
 */
function epochsOfFit(epochs: number): number {
  return Number(process.env.GRAFT_BENCH_KERAS_EPOCHS ?? epochs);
}

/** Runs a job and its peers in turns. Graft's seconds are those of the whole command; Keras's exclude its imports. */
export function compareWithKeras(job: JobAgainstKeras): Bench['run'] {
  return ({ pairs }) =>
    inScratch(async (folder) => {
      const images = join(folder, 'images');
      await drawImages(images, job.images);
      const spec = join(folder, 'spec.json');
      await writeFile(spec, JSON.stringify(job.spec));
      const versions: Record<string, string> = {};
      const graft = async (pair: number) => {
        const directory = join(folder, `data-${pair}`);
        const { seconds, runtime } = await trainGraft(['--dataset', images, '--spec', spec], job.images.count, directory);
        versions.runtime = runtime;
        await rm(directory, { recursive: true, maxRetries: 20, retryDelay: 100 });
        return inSeconds(seconds);
      };
      const keras = (way: string) => async () => {
        const epochs = way === 'cached' ? job.epochs : epochsOfFit(job.epochs);
        const run = await runKeras('jobs.py', [images, job.kerasJob, way, String(epochs)]);
        Object.assign(versions, run.versions);
        return withAllEpochs(run.sample, epochs, job.epochs);
      };
      const ways = Object.entries(job.kerasWays);
      const compared = await measurePairs({
        pairs,
        measure: inTurns({ graft, ...Object.fromEntries(ways.map(([side, way]) => [side, keras(way)])) }),
        ratios: {
          ratio: ratioOf(ways[0]?.[0] ?? '', 'graft'),
          ...Object.fromEntries(
            ways.flatMap(([side, way]) => [
              [way, ratioOf(side, 'graft')],
              [`${way} cpu`, ratioOf(side, 'graft', 'cpuSeconds')],
            ]),
          ),
        },
      });
      return { ...compared, versions };
    });
}

/** The sample of some epochs as if there had been all of them. */
function withAllEpochs(sample: Sample, epochs: number, all: number): Sample {
  const { seconds, cpuSeconds, othersSeconds = 0, othersCpuSeconds = 0 } = sample;
  const missing = (all - epochs) / Math.max(1, epochs - 1);
  return { ...sample, seconds: seconds + othersSeconds * missing, cpuSeconds: cpuSeconds + othersCpuSeconds * missing };
}

const seconds = z.object({
  import: z.number(),
  features: z.number(),
  train: z.number(),
  evaluate: z.number(),
  total: z.number(),
});

function trainGraft(flags: readonly string[], count: number, directory: string) {
  const Trained = z.looseObject({
    state: z.literal('SUCCEEDED'),
    runtime: z.string(),
    features: z.looseObject({ decoded: z.literal(count) }),
    seconds,
  });
  const command = ['train', ...flags, '--weights', 'none', '--name', 'job', '--wait'];
  return graftCommand(Trained, command, directory);
}
