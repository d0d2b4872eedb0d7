import { type Bench, sizeFromEnvironment } from './bench.ts';
import { compareWithKeras } from './compare-with-keras.ts';

/** A fifth of the images is the validation set. */
const IMAGES = { count: sizeFromEnvironment(1000), classes: 10, side: 224 };
const EPOCHS = 5;

/** Compares a linear head on a frozen MobileNetV2 with Keras. */
export const mobilenetFrozen: Bench = {
  name: 'mobilenet-frozen',
  about:
    `a linear head on a frozen MobileNetV2 (224 pixels, 800 + 200 images, ${EPOCHS} epochs), from the folder to the model: ` +
    'against Keras model.fit, and against Keras with the features predicted once',
  run: compareWithKeras({
    images: IMAGES,
    epochs: EPOCHS,
    kerasJob: 'mobilenet',
    kerasWays: { kerasFit: 'fit', kerasCached: 'cached' },
    spec: {
      backbone: { name: 'mobilenet_v2', inputSize: 224 },
      freeze: 'all',
      head: [{ layer: 'globalAveragePool' }],
      training: {
        optimizer: { name: 'adam', learningRate: 0.001 },
        epochs: EPOCHS,
        batchSize: 32,
        augment: 'none',
        earlyStopping: null,
        refit: false,
      },
      split: { train: 0.8, validation: 0.2, test: 0 },
    },
  }),
};
