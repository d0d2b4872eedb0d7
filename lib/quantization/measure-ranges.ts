import { at32 } from '../arithmetic.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { openTensorSession } from '../onnx/tensor-session.ts';
import { type ActivationRange, chooseRange } from './activation-range.ts';
import { untilOutputs } from './until-outputs.ts';

/** Values of each tensor and image that are looked at. */
const SAMPLED = 4096;

/** Images in the form that a model takes: float32 [height, width, 3] each, RGB 0..255. */
export interface Images {
  /** The name of the model's input. */
  readonly input: string;
  readonly pixels: readonly Float32Array[];
  readonly height: number;
  readonly width: number;
  /** Ends what is measured on the images. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Measures the ranges of values inside a model on images.
 * @param names of the values; each is a float32 output of a node, or the input
 * @returns the range of each value, as `chooseRange` chooses it
 * @throws the signal's reason
 */
export async function measureRanges(
  model: OnnxModel,
  names: readonly string[],
  { input, pixels, height, width, signal }: Images,
): Promise<Map<string, ActivationRange>> {
  const inside = names.filter((name) => name !== input);
  const session = await openTensorSession(untilOutputs(model, inside));
  const found = new Map(names.map((name) => [name, new Sample()]));
  try {
    for (const data of pixels) {
      signal?.throwIfAborted();
      found.get(input)?.add(data);
      const results = await session.run(
        new Map([[input, { data, dims: [1, height, width, 3] }]]),
        new Map(inside.map((name) => [name, undefined])),
      );
      for (const [name, result] of results) found.get(name)?.add(result.data);
    }
  } finally {
    await session.close();
  }
  return new Map([...found].map(([name, sample]) => [name, sample.range()]));
}

class Sample {
  #low = Number.POSITIVE_INFINITY;
  #high = Number.NEGATIVE_INFINITY;
  readonly #parts: Float32Array[] = [];

  add(data: Float32Array): void {
    for (const value of data) {
      if (value < this.#low) this.#low = value;
      if (value > this.#high) this.#high = value;
    }
    // An odd step visits all channels and columns.
    const step = Math.max(1, Math.floor(data.length / SAMPLED)) | 1;
    this.#parts.push(Float32Array.from({ length: Math.ceil(data.length / step) }, (_, i) => at32(data, i * step)));
  }

  range(): ActivationRange {
    const values = new Float32Array(this.#parts.reduce((total, { length }) => total + length, 0));
    let offset = 0;
    for (const part of this.#parts) {
      values.set(part, offset);
      offset += part.length;
    }
    return chooseRange(values, this.#low, this.#high);
  }
}
