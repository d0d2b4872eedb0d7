import { messageOf } from '../../contracts/errors/message-of.ts';
import { DataError } from '../../errors.ts';
import { type LoadedModel, loadOnnx } from '../../onnx/load-onnx.ts';
import type { OnnxResult } from '../../onnx/onnx-session.ts';
import { randomStream } from '../../random.ts';
import { type EncoderParts, writeEncoder } from './write-encoder.ts';

/** The results of running an encoder on test images. */
export interface Probed {
  readonly perImage: boolean;
  /** Shape of one image's output. */
  readonly dims: readonly number[];
}

/**
 * Tolerance, relative to the largest number: how much an image's features may differ with another image in the batch,
 * and between runs.
 */
const sameBeside = 1e-4;
const sameAgain = 1e-3;

const exportAgain =
  'check input size, layout and output; if they are right, export the model again, in float32 with opset_version=17';

/** Disables onnxruntime's log: the thrown error reports a failure, or the run was only a trial. */
const silent = { logSeverityLevel: 4 } as const;

/**
 * Runs an encoder on two synthetic images, together and one at a time. An encoder must run on one image at a time if
 * it takes no batch, or if other images in the batch change an image's features (for example through dynamic
 * quantization).
 * @throws DataError OWN_MODEL_UNSUPPORTED, OWN_MODEL_RUN_FAILED, OWN_MODEL_BATCH_FIXED, OWN_MODEL_FEATURES_SHAPE,
 *   OWN_MODEL_NOT_FINITE, OWN_MODEL_RANDOM
 */
export async function probeEncoder(parts: Omit<EncoderParts, 'perImage'>): Promise<Probed> {
  const together = await tryEncoder(parts, false).catch(() => undefined);
  if (together !== undefined && together.apart <= sameBeside) return { perImage: false, dims: checked(together) };
  const { batch = 1 } = parts.input;
  if (batch > 1) {
    throw new DataError('OWN_MODEL_BATCH_FIXED', {
      at: parts.input.name,
      expected: 'a dynamic batch size, or 1',
      received: batch,
      fix: 'export the model with a dynamic batch size: dynamic_axes={"input": {0: "batch"}}',
    });
  }
  return { perImage: true, dims: checked(await tryEncoder(parts, true)) };
}

interface Trial {
  /** Shape of one image's output. */
  readonly dims: readonly number[];
  readonly finite: boolean;
  /** Differences relative to the largest number: between an image alone and in a batch, and between two runs. */
  readonly apart: number;
  readonly again: number;
}

async function tryEncoder(parts: Omit<EncoderParts, 'perImage'>, perImage: boolean): Promise<Trial> {
  const session = await loadOnnx(writeEncoder({ ...parts, perImage }), { optimization: 'basic' }, silent).catch(unsupported);
  try {
    const [height, width] = parts.input.inputSize;
    const both = noise(2 * height * width * 3);
    const run = (pixels: Float32Array): Promise<OnnxResult> => runOn(session, pixels, [height, width]);
    const [first, again] = [await run(both.subarray(0, both.length / 2)), await run(both.subarray(0, both.length / 2))];
    const second = await run(both.subarray(both.length / 2));
    const pair = await run(both);
    needBatch(first, 1);
    needBatch(pair, 2);
    const alone = new Float32Array(first.data.length + second.data.length);
    alone.set(first.data);
    alone.set(second.data, first.data.length);
    const largest = alone.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return {
      dims: first.dims.slice(1),
      finite: alone.every(Number.isFinite),
      apart: distance(alone, pair.data) / (largest || 1),
      again: distance(first.data, again.data) / (largest || 1),
    };
  } finally {
    await session.release();
  }
}

/** Runs an encoder on two synthetic images. @returns its own output */
export async function runOnNoise(parts: EncoderParts): Promise<Float32Array> {
  const session = await loadOnnx(writeEncoder(parts), { optimization: 'basic' }, silent);
  try {
    const [height, width] = parts.input.inputSize;
    return (await runOn(session, noise(2 * height * width * 3), [height, width])).data;
  } finally {
    await session.release();
  }
}

function checked({ dims, finite, again }: Trial): readonly number[] {
  if (!finite) {
    throw new DataError('OWN_MODEL_NOT_FINITE', {
      expected: 'finite features',
      received: 'infinite ones, or none',
      fix: 'check mean and std, or export the model in float32',
    });
  }
  if (again > sameAgain) {
    throw new DataError('OWN_MODEL_RANDOM', {
      expected: 'the same features of the same image each time',
      received: 'others',
      fix: 'export the model for inference: model.eval() before torch.onnx.export',
    });
  }
  return dims;
}

async function runOn(
  session: LoadedModel,
  pixels: Float32Array,
  [height, width]: readonly [number, number],
): Promise<OnnxResult> {
  return session.run(pixels, [pixels.length / (height * width * 3), height, width, 3]).catch((cause: unknown) => {
    throw new DataError('OWN_MODEL_RUN_FAILED', {
      expected: 'a model that computes features of an image',
      received: messageOf(cause),
      fix: exportAgain,
      cause,
    });
  });
}

function needBatch({ dims }: OnnxResult, images: number): void {
  if (dims[0] === images) return;
  throw new DataError('OWN_MODEL_FEATURES_SHAPE', {
    expected: `a first axis of ${images} for ${images} images`,
    received: [...dims],
    fix: 'name an output that has its images on the first axis: --own-output NAME',
  });
}

function unsupported(cause: unknown): never {
  throw new DataError('OWN_MODEL_UNSUPPORTED', {
    expected: 'a model that onnxruntime runs on a CPU',
    received: messageOf(cause),
    fix: exportAgain,
    cause,
  });
}

/** Creates pixels of RGB 0..255. */
function noise(length: number): Float32Array {
  const { next } = randomStream(0, 'probe');
  return Float32Array.from({ length }, () => 255 * next());
}

/** The largest difference between two arrays. */
export function distance(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? 0))), 0);
}
