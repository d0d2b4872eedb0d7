import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { sum } from '../../lib/arithmetic.ts';
import { type Bench, inSeconds } from './bench.ts';
import { drawImages } from './draw-images.ts';
import { graftCommand } from './graft-command.ts';
import { runKeras } from './keras/run-keras.ts';
import { inScratch } from './scratch.ts';

const spec = fileURLToPath(new URL('../../docs/examples/tutorial-frozen.json', import.meta.url));
const EPOCHS = 10;
/** A fifth of the images is the validation set. */
const IMAGES = { count: 2500, classes: 10, side: 64 };
/** Keras's fit runs the trunk in each epoch, and each takes equally long; GRAFT_BENCH_KERAS_EPOCHS measures fewer. */
const KERAS_EPOCHS = Number(process.env.GRAFT_BENCH_KERAS_EPOCHS ?? EPOCHS);

/**
 * Compares the tutorial's job, from a folder of images to a trained model, with Keras. Random weights take the same
 * time.
 */
export const tutorial: Bench = {
  name: 'tutorial',
  about:
    'the frozen job of the tutorial (VGG16 at 64 pixels, 2,000 + 500 images, 10 epochs), from the folder to the model: ' +
    'against Keras model.fit, and against Keras with the features predicted once; GRAFT_TENSORFLOW chooses the runtime',
  run: () =>
    inScratch(async (folder) => {
      const images = join(folder, 'images');
      await drawImages(images, IMAGES);
      const cached = await keras(images, 'cached', EPOCHS);
      const graft = await trainGraft(images, join(folder, 'data'));
      const fit = await keras(images, 'fit', KERAS_EPOCHS);
      const { read = Number.NaN, fit: epochs = Number.NaN } = fit.seconds;
      const fitSeconds = read + (epochs * EPOCHS) / KERAS_EPOCHS;
      const cachedSeconds = sum(Object.values(cached.seconds));
      return {
        ratio: fitSeconds / graft.seconds.total,
        ratios: { cached: cachedSeconds / graft.seconds.total },
        sides: {
          graft: inSeconds(graft.seconds),
          kerasFit: { ...inSeconds(fit.seconds), epochs: KERAS_EPOCHS, totalSeconds: fitSeconds },
          kerasCached: { ...inSeconds(cached.seconds), totalSeconds: cachedSeconds },
        },
        versions: { ...fit.versions, runtime: graft.runtime },
      };
    }),
};

const Trained = z.looseObject({
  state: z.literal('SUCCEEDED'),
  runtime: z.string(),
  features: z.looseObject({ decoded: z.literal(IMAGES.count) }),
  seconds: z.object({
    import: z.number(),
    features: z.number(),
    train: z.number(),
    evaluate: z.number(),
    total: z.number(),
  }),
});

function trainGraft(images: string, directory: string): Promise<z.infer<typeof Trained>> {
  const flags = ['--spec', spec, '--weights', 'none', '--name', 'tutorial'];
  return graftCommand(Trained, ['train', '--dataset', images, ...flags, '--wait'], directory);
}

const KerasRun = z.object({
  /** Stages: `read`, then `fit`; or `features` and `head`. */
  seconds: z.record(z.string(), z.number()),
  versions: z.record(z.string(), z.string()),
});

async function keras(images: string, way: 'fit' | 'cached', epochs: number): Promise<z.infer<typeof KerasRun>> {
  return KerasRun.parse(JSON.parse(await runKeras('tutorial.py', [images, way, `${epochs}`])));
}
