import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Bench, inSeconds, installedVersion, sizeFromEnvironment } from './bench.ts';
import { drawImages } from './draw-images.ts';
import { graftCommand } from './graft-command.ts';
import { measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';
import { timeWork } from './time-work.ts';

const IMAGES = sizeFromEnvironment(600);
const TRAIN = ['train', '--wait', '--name', 'squares', '--dataset'];
const FROZEN = ['--strategy', 'feature-extraction', '--epochs', '5', '--head'];

/** Runs a second job on the same images and backbone: it must neither decode an image nor run the trunk. */
export const secondJob: Bench = {
  name: 'second-job',
  about:
    `a job on ${IMAGES} images against the next one with another head, which finds their features; and a job with ` +
    '--fast against the next one with another seed',
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const images = join(folder, 'images');
      await drawImages(images, { count: IMAGES, classes: 6, side: 224 });
      const job = (directory: string, decoded: number, flags: readonly string[]) =>
        timeWork(async () => {
          const { seconds } = await graftCommand(trained(decoded), [...TRAIN, images, ...flags], directory);
          return inSeconds(seconds);
        });
      const compared = await measurePairs({
        pairs,
        // Not in turns: the second job needs the features of the first.
        async measure(pair) {
          const directory = join(folder, `data-${pair}`);
          const first = await job(directory, IMAGES, [...FROZEN, 'linear']);
          const second = await job(directory, 0, [...FROZEN, 'mlp']);
          const firstFast = await job(directory, IMAGES, ['--fast']);
          const secondFast = await job(directory, 0, ['--fast', '--seed', '1']);
          await rm(directory, { recursive: true });
          return { first, second, firstFast, secondFast };
        },
        ratios: {
          ratio: ratioOf('first', 'second'),
          cpu: ratioOf('first', 'second', 'cpuSeconds'),
          fast: ratioOf('firstFast', 'secondFast'),
        },
      });
      return { ...compared, versions: { onnxruntime: installedVersion('onnxruntime-node') } };
    }),
};

function trained(decoded: number) {
  return z.looseObject({
    state: z.literal('SUCCEEDED'),
    features: z.looseObject({ decoded: z.literal(decoded) }),
    seconds: z.object({ import: z.number(), features: z.number(), train: z.number(), total: z.number() }),
  });
}
