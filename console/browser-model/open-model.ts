import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { ModelCard } from '../../lib/contracts/model-card.ts';
import { noveltyThreshold } from '../../lib/contracts/novelty.ts';
import { parseReference } from '../../lib/contracts/reference.ts';
import { fitToInput, networkInput } from '../../lib/images/fit-to-input.ts';
import { client } from '../api.ts';
import { PageError } from '../page-error.ts';
import { text } from '../strings.ts';
import { hasSimd } from './has-simd.ts';

export interface BrowserPrediction {
  /** Most probable first. */
  readonly labels: readonly { readonly label: string; readonly probability: number }[];
  /** Undefined if the model has no novelty score. */
  readonly isKnown: boolean | undefined;
  /** From the encoded image to the probabilities, in milliseconds. */
  readonly took: number;
}

export interface BrowserModel {
  predict(image: Blob): Promise<BrowserPrediction>;
  /** Frees the memory of the model, after predictions that run. */
  close(): Promise<void>;
}

/**
 * Loads a version's graph and card, and ONNX Runtime with its WebAssembly, all from this server.
 * @param reference `NAME`, `NAME@VERSION` or `NAME:ALIAS`
 * @throws the API's error; PageError if the browser lacks what it needs, or the version has no graph
 */
export async function openModel(reference: string): Promise<BrowserModel> {
  if (!hasSimd(WebAssembly.validate)) throw new PageError(text.try.noSimd, text.try.noSimdFix);
  const { name, version } = await versionOf(reference);
  const { files } = await client.models.files(name, version);
  const [graph, cardFile] = ['model.onnx', 'card.json'].map((wanted) => files.find((file) => file.name === wanted));
  if (graph === undefined || cardFile === undefined) throw new PageError(text.try.noGraph);
  const [bytes, cardBytes] = await Promise.all([client.fetchFile(graph), client.fetchFile(cardFile)]);
  const { labels, input, novelty } = ModelCard.parse(JSON.parse(new TextDecoder().decode(cardBytes)));
  // More threads need headers that the page does not have.
  env.wasm.numThreads = 1;
  env.wasm.wasmBinary = await (await fetch('console/onnxruntime.wasm')).arrayBuffer();
  const session = await InferenceSession.create(bytes);
  const [inputName = 'images'] = session.inputNames;
  const threshold = noveltyThreshold(novelty);
  const [output = 'probabilities', score] = session.outputNames;

  async function predict(image: Blob): Promise<BrowserPrediction> {
    const began = performance.now();
    const pixels = fitToInput(await pixelsOf(image), networkInput(input));
    const outputs = await session.run({ [inputName]: new Tensor('float32', pixels, [1, input.height, input.width, 3]) });
    const probabilities = numbers(outputs[output]);
    const unlike = score === undefined ? undefined : numbers(outputs[score])[0];
    return {
      labels: labels
        .map((label, index) => ({ label, probability: probabilities[index] ?? 0 }))
        .sort((a, b) => b.probability - a.probability),
      isKnown: unlike === undefined || threshold === undefined ? undefined : unlike <= threshold,
      took: performance.now() - began,
    };
  }

  let running: Promise<unknown> = Promise.resolve();
  return {
    predict(image) {
      const prediction = predict(image);
      running = Promise.allSettled([running, prediction]);
      return prediction;
    },
    async close() {
      await running;
      await session.release();
    },
  };
}

async function versionOf(reference: string): Promise<{ readonly name: string; readonly version: number }> {
  const { name = reference, version, alias = 'latest' } = parseReference(reference) ?? {};
  if (version !== undefined) return { name, version: Number(version) };
  return { name, version: (await client.models.getAlias(name, alias)).version };
}

function numbers(tensor: Tensor | undefined): readonly number[] {
  return tensor?.data instanceof Float32Array ? [...tensor.data] : [];
}

/** RGB pixels of an image; transparent pixels become white. */
async function pixelsOf(image: Blob) {
  const bitmap = await createImageBitmap(image);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new PageError(text.try.noCanvas);
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data: pixels } = context.getImageData(0, 0, width, height);
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < pixels.length; from += 4) {
    data[to++] = pixels[from] ?? 0;
    data[to++] = pixels[from + 1] ?? 0;
    data[to++] = pixels[from + 2] ?? 0;
  }
  return { data, width, height };
}
