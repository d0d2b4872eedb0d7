import { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { fitToInput } from './fit-to-input.mjs';

const { labels, input, novelty } = await (await fetch('card.json')).json();
const session = await InferenceSession.create('model.onnx');

/** @param {Blob} file an image, such as a file of an <input type="file"> */
export async function predict(file) {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.fillStyle = 'white'; // Transparent pixels become white.
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = fitToInput({ data, width, height, channels: 4 }, input);
  const images = new Tensor('float32', pixels, [1, input.height, input.width, 3]);
  const [output, score] = Object.values(await session.run({ [session.inputNames[0]]: images }));
  const pairs = labels.map((label, i) => ({ label, probability: output.data[i] }));
  const known = score && { known: score.data[0] <= novelty.threshold };
  return { labels: pairs.sort((a, b) => b.probability - a.probability), ...known };
}
