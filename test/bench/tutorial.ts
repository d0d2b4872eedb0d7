import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Bench, sizeFromEnvironment } from './bench.ts';
import { compareWithKeras } from './compare-with-keras.ts';

/** Reads a job spec of docs/examples. */
function example(name: string) {
  const file = new URL(`../../docs/examples/${name}.json`, import.meta.url);
  return z.looseObject({ training: z.looseObject({}) }).parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** A fifth of the images is the validation set. */
const IMAGES = { count: sizeFromEnvironment(2500), classes: 10, side: 64 };
const UNFROZEN_EPOCHS = 2;
const code = example('tutorial');

/** Compares the tutorial's frozen job with Keras. */
export const tutorial: Bench = {
  name: 'tutorial',
  about:
    'the frozen job of the tutorial (VGG16 at 64 pixels, 2,000 + 500 images, 10 epochs), from the folder to the model: ' +
    'against Keras model.fit, and against Keras with the features predicted once; GRAFT_TENSORFLOW chooses the runtime',
  run: compareWithKeras({
    images: IMAGES,
    epochs: 10,
    kerasJob: 'tutorial',
    kerasWays: { kerasFit: 'fit', kerasCached: 'cached' },
    spec: example('tutorial-frozen'),
  }),
};

/** Compares the tutorial's literal code, which trains every layer, with Keras. */
export const tutorialUnfrozen: Bench = {
  name: 'tutorial-unfrozen',
  about:
    `the code of the tutorial, which trains every layer of VGG16 (64 pixels, 2,000 + 500 images, ${UNFROZEN_EPOCHS} of its ` +
    '10 epochs), against the same in Keras; GRAFT_TENSORFLOW and GRAFT_ENGINE choose the runtime',
  run: compareWithKeras({
    images: IMAGES,
    epochs: UNFROZEN_EPOCHS,
    kerasJob: 'tutorial',
    kerasWays: { kerasFit: 'unfrozen' },
    spec: { ...code, training: { ...code.training, epochs: UNFROZEN_EPOCHS } },
  }),
};
