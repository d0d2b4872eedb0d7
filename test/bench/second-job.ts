import { join } from 'node:path';
import { z } from 'zod';
import { type Bench, inSeconds, installedVersion } from './bench.ts';
import { drawImages } from './draw-images.ts';
import { graftCommand } from './graft-command.ts';
import { inScratch } from './scratch.ts';

const IMAGES = 600;

/**
 * Runs a second job on the same images, backbone and cut, with another head: it must neither decode an image nor run
 * the trunk.
 */
export const secondJob: Bench = {
  name: 'second-job',
  about: `a job on ${IMAGES} images against the next one with another head, which finds their features`,
  run: () =>
    inScratch(async (folder) => {
      const images = join(folder, 'images');
      await drawImages(images, { count: IMAGES, classes: 6, side: 224 });
      const train = <Decoded extends number>(decoded: Decoded, head: string) =>
        graftCommand(trained(decoded), [...command, images, '--head', head], join(folder, 'data'));
      const first = await train(IMAGES, 'linear');
      const second = await train(0, 'mlp');
      return {
        ratio: first.seconds.total / second.seconds.total,
        ratios: { features: first.seconds.features / second.seconds.features },
        sides: { first: inSeconds(first.seconds), second: inSeconds(second.seconds) },
        versions: { onnxruntime: installedVersion('onnxruntime-node') },
      };
    }),
};

const command = ['train', '--strategy', 'feature-extraction', '--epochs', '5', '--wait', '--name', 'squares', '--dataset'];

function trained(decoded: number) {
  return z.looseObject({
    state: z.literal('SUCCEEDED'),
    features: z.looseObject({ decoded: z.literal(decoded) }),
    seconds: z.object({ features: z.number(), train: z.number(), total: z.number() }),
  });
}
