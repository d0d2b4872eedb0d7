import * as tf from '@tensorflow/tfjs';

/**
 * Opens model.json.
 * @param url of model.json
 * @param card the content of card.json
 * @returns a function from an image, such as a loaded <img>, a <canvas> or ImageData, to its labels
 */
export async function openModel(url, { labels, input }) {
  const model = await tf.loadLayersModel(url);
  return async (image) => {
    const pixels = inOwnSize(image);
    const output = tf.tidy(() => model.predict(tf.expandDims(fitToInput(onWhite(tf.browser.fromPixels(pixels, 4)), input))));
    const probabilities = await output.data();
    output.dispose();
    const pairs = labels.map((label, i) => ({ label, probability: probabilities[i] }));
    return pairs.sort((a, b) => b.probability - a.probability);
  };
}

/** Draws an <img> in the size of its file: TF.js would read it in the size in which the page shows it. */
function inOwnSize(image) {
  if (!globalThis.HTMLImageElement || !(image instanceof HTMLImageElement)) return image;
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Crops pixels [height, width, RGB] if the model does, and resizes them. */
function fitToInput(pixels, { height, width, cropToAspectRatio = false }) {
  const [rows, columns] = pixels.shape;
  const cropRows = cropToAspectRatio ? Math.min(rows, Math.max(1, Math.floor((columns * height) / width))) : rows;
  const cropColumns = cropToAspectRatio ? Math.min(columns, Math.max(1, Math.floor((rows * width) / height))) : columns;
  const start = [Math.floor((rows - cropRows) / 2), Math.floor((columns - cropColumns) / 2), 0];
  // Without corners and with half-pixel centres, as Graft resizes.
  return tf.image.resizeBilinear(tf.slice(pixels, start, [cropRows, cropColumns, 3]), [height, width], false, true);
}

/** Draws pixels [height, width, RGBA] on white, so that transparent pixels become white. */
function onWhite(pixels) {
  const [colours, alpha] = tf.split(pixels, [3, 1], 2);
  const mixed = tf.add(tf.mul(colours, alpha), tf.mul(255, tf.sub(255, alpha)));
  // The half keeps whole numbers whole where a GPU divides inexactly.
  return tf.floor(tf.div(tf.add(mixed, 0.5), 255));
}
