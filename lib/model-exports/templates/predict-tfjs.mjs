import * as tf from '@tensorflow/tfjs';

/** Opens model.json. @returns a function from an image, such as an <img>, a <canvas> or ImageData, to its labels */
export async function openModel(url, labels) {
  const model = await tf.loadLayersModel(url);
  const [, height, width] = model.inputs[0].shape;
  return async (image) => {
    // Without corners and with half-pixel centres, as Graft resizes.
    const resize = (pixels) => tf.image.resizeBilinear(pixels, [height, width], false, true);
    const output = tf.tidy(() => model.predict(resize(tf.expandDims(tf.browser.fromPixels(image)))));
    const probabilities = await output.data();
    output.dispose();
    const pairs = labels.map((label, i) => ({ label, probability: probabilities[i] }));
    return pairs.sort((a, b) => b.probability - a.probability);
  };
}
