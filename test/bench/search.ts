import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { type Bench, installedVersion, sizeFromEnvironment } from './bench.ts';
import { drawImages } from './draw-images.ts';
import { graftCommand } from './graft-command.ts';
import { inTurns, measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';

const IMAGES = sizeFromEnvironment(600);
/** One of them is the default, so the search adds no trial. */
const LEARNING_RATES = [0.0003, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.03];
const FROZEN: Partial<JobSpecInput> = { strategy: 'feature-extraction', training: { epochs: 10 } };

/** Compares a search, whose trials share the features of the images, with as many jobs on empty data folders. */
export const search: Bench = {
  name: 'search',
  about: `a search of ${LEARNING_RATES.length} learning rates on ${IMAGES} images against a job for each, without cached features`,
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const images = join(folder, 'images');
      await drawImages(images, { count: IMAGES, classes: 6, side: 224 });
      const train = async (name: string, directory: string, spec: Partial<JobSpecInput>) => {
        const file = join(folder, `${name}.json`);
        await writeFile(file, JSON.stringify(spec));
        await graftCommand(Trained, ['train', '--dataset', images, '--spec', file, '--wait'], join(folder, directory));
      };
      const over = { 'training.optimizer.learningRate': LEARNING_RATES };
      const measure = inTurns({
        async search(pair) {
          await train('search', `search-${pair}`, { ...FROZEN, search: { over, trials: LEARNING_RATES.length } });
          return undefined;
        },
        async jobs(pair) {
          for (const learningRate of LEARNING_RATES) {
            const training = { ...FROZEN.training, optimizer: { name: 'adam' as const, learningRate } };
            await train('job', `job-${pair}-${learningRate}`, { ...FROZEN, training });
          }
          return undefined;
        },
      });
      const ratios = { ratio: ratioOf('jobs', 'search'), cpu: ratioOf('jobs', 'search', 'cpuSeconds') };
      return {
        ...(await measurePairs({ pairs, measure, ratios })),
        versions: { onnxruntime: installedVersion('onnxruntime-node') },
      };
    }),
};

const Trained = z.looseObject({ state: z.literal('SUCCEEDED') });
