import * as tf from '@tensorflow/tfjs';

/** Opens model.json. @returns a function from an image, such as an <img>, a <canvas> or ImageData, to its labels */
export async function openModel(url, labels) {
  const model = await tf.loadLayersModel(url);
  const [, height, width] = model.inputs[0].shape;
  return async (image) => {
    // Without corners and with half-pixel centres, as Graft resizes.
    const resize = (pixels) => tf.image.resizeBilinear(pixels, [height, width], false, true);
    const output = tf.tidy(() => model.predict(resize(tf.expandDims(onWhite(tf.browser.fromPixels(image, 4))))));
    const probabilities = await output.data();
    output.dispose();
    const pairs = labels.map((label, i) => ({ label, probability: probabilities[i] }));
    return pairs.sort((a, b) => b.probability - a.probability);
  };
}

/** Draws pixels [height, width, RGBA] on white, so that transparent pixels become white. */
function onWhite(pixels) {
  const [colours, alpha] = tf.split(pixels, [3, 1], 2);
  const mixed = tf.add(tf.mul(colours, alpha), tf.mul(255, tf.sub(255, alpha)));
  // The half keeps whole numbers whole where a GPU divides inexactly.
  return tf.floor(tf.div(tf.add(mixed, 0.5), 255));
}
