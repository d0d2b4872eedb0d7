// download-files.mjs or unpack-files.mjs, as the page needs it: see page-assets.ts.
import { loadFiles } from 'load-files';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { fitToInput } from '../fit-to-input.mjs';

/** The smallest module of WebAssembly with SIMD. */
const SIMD_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
);

/**
 * Loads the model of a card.
 * @returns a function that takes an ImageBitmap, closes it, and returns the labels, most probable first, and whether the
 * image is like those of the data set, as far as the model can say
 */
export async function openModel({ labels, input, task, thresholds, novelty }) {
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(SIMD_MODULE))
    throw new Error('this browser has no WebAssembly with SIMD. Use one of 2023 or newer, and allow it WebAssembly.');
  const { model, wasm } = await loadFiles();
  // More threads need headers that a plain file server does not send.
  env.wasm.numThreads = 1;
  env.wasm.wasmBinary = wasm;
  const session = await InferenceSession.create(model);
  const [inputName] = session.inputNames;
  const [output, noveltyScore] = session.outputNames;
  return async (bitmap) => {
    const images = new Tensor('float32', fitToInput(pixelsOf(bitmap), input), [1, input.height, input.width, 3]);
    const outputs = await session.run({ [inputName]: images });
    const { data } = outputs[output];
    const known = noveltyScore === undefined || outputs[noveltyScore].data[0] <= novelty.threshold;
    const pairs = labels
      .map((label, i) => ({
        label,
        probability: data[i],
        given: task === 'multi-label' && data[i] >= (thresholds?.[i] ?? 0.5),
      }))
      .sort((a, b) => b.probability - a.probability);
    return { labels: pairs, known };
  };
}

/** Pixels of an image; transparent pixels become white. */
function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { data: context.getImageData(0, 0, width, height).data, width, height, channels: 4 };
}
