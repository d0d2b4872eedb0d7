/**
 * Resizes an image as Graft does: bilinear with half-pixel centres and no antialiasing, as TensorFlow's
 * `tf.image.resize`. Each step is rounded to float32, so that the result is the same to the last bit.
 * @param {{ data: ArrayLike<number>, width: number, height: number, channels: 3 | 4 }} image RGB or RGBA 0..255, rows
 *   from top to bottom; a fourth channel is ignored
 * @param {{ height: number, width: number, cropToAspectRatio?: boolean }} input of card.json: the size of the result, and
 *   whether an image of another aspect ratio is cropped in its middle or squeezed
 * @returns {Float32Array} [height, width, 3], RGB 0..255
 */
export function fitToInput(image, { height, width, cropToAspectRatio = false }) {
  const part = { width: image.width, height: image.height };
  if (cropToAspectRatio) {
    part.width = Math.min(image.width, Math.max(1, Math.floor((image.height * width) / height)));
    part.height = Math.min(image.height, Math.max(1, Math.floor((image.width * height) / width)));
  }
  const rows = interpolation(part.height, height, Math.floor((image.height - part.height) / 2));
  const columns = interpolation(part.width, width, Math.floor((image.width - part.width) / 2));
  const result = new Float32Array(height * width * 3);
  let at = 0;
  for (const [above, below, down] of rows) {
    for (const [left, right, across] of columns) {
      for (let channel = 0; channel < 3; channel++) {
        const value = (row, column) => image.data[(row * image.width + column) * image.channels + channel];
        const top = mix(value(above, left), value(above, right), across);
        const bottom = mix(value(below, left), value(below, right), across);
        result[at++] = mix(top, bottom, down);
      }
    }
  }
  return result;
}

/**
 * For each position of the result: the positions before and after it in the image, and the weight of the second.
 * @param {number} start of the part of the image that is resized
 */
function interpolation(from, to, start) {
  const scale = Math.fround(from / to);
  return Array.from({ length: to }, (_, i) => {
    const centre = Math.fround(Math.fround((i + 0.5) * scale) - 0.5);
    const floor = Math.floor(centre);
    return [start + Math.max(floor, 0), start + Math.min(Math.ceil(centre), from - 1), Math.fround(centre - floor)];
  });
}

function mix(from, to, share) {
  return Math.fround(from + Math.fround(Math.fround(to - from) * share));
}
