import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { RuntimeError } from '../errors.ts';
import { moduleFile } from '../module-file.ts';
import { startThread } from '../threads.ts';
import { type Augmentation, augmentImage, variantStream } from './augment.ts';
import type { ImageSize } from './resize-bilinear.ts';

/** Identifies a variant of an image. */
export interface ImageVariant {
  readonly augmentation: Augmentation;
  readonly size: ImageSize;
  readonly seed: number;
  /** SHA-256 of the image's file. */
  readonly image: string;
  /** The epoch, or the number of a variant that is drawn once and kept. */
  readonly variant: number;
}

/** Makes variants of images, bit-identical on whichever thread it computes them. */
export interface Augmenter {
  /**
   * Makes a variant of an image.
   * @param pixels float32 [height, width, 3], RGB 0..255; transferred, so do not use it afterwards
   * @returns float32 [height, width, 3], RGB 0..255
   * @throws RuntimeError AUGMENT_WORKER_EXITED if its thread has ended
   */
  augment(pixels: Float32Array, variant: ImageVariant): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface VariantAsked extends ImageVariant {
  readonly pixels: Float32Array;
}
export type VariantMade = Float32Array;

/**
 * Opens threads that augment while the calling thread trains, since a training step blocks its thread. Transferring an
 * image both ways costs a tenth of making a variant. An idle augmenter does not keep the process alive.
 * @param threads default: one less than the number of cores, at most 4; with 0, the calling thread augments
 */
export function openAugmenter({ threads = Math.min(4, availableParallelism() - 1) } = {}): Augmenter {
  if (threads < 1) return here;
  const workers = Array.from({ length: threads }, () => new AugmentThread());
  return {
    augment: (pixels, variant) => idlest(workers).augment({ ...variant, pixels }),
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

const here: Augmenter = {
  augment: async (pixels, { size, augmentation, seed, image, variant }) =>
    augmentImage(pixels, size, augmentation, variantStream(seed, image, variant)),
  close: async () => {},
};

function idlest(workers: readonly AugmentThread[]): AugmentThread {
  return workers.reduce((best, worker) => (worker.waiting < best.waiting ? worker : best));
}

/** A thread and the promises of its pending variants. It replies in the order of the requests. */
class AugmentThread {
  readonly #worker: Worker;
  readonly #asked: PromiseWithResolvers<Float32Array>[] = [];
  #loss: RuntimeError | undefined;

  constructor() {
    this.#worker = startThread(moduleFile('./augment-worker', import.meta.url));
    this.#worker.unref();
    this.#worker.on('message', (made: VariantMade) => this.#take(made));
    this.#worker.on('error', (cause) => this.#end(cause));
    this.#worker.on('exit', () => this.#end(undefined));
  }

  get waiting(): number {
    return this.#asked.length;
  }

  async augment(asked: VariantAsked): Promise<Float32Array> {
    if (this.#loss !== undefined) throw this.#loss;
    const answer = Promise.withResolvers<Float32Array>();
    this.#asked.push(answer);
    this.#worker.ref();
    const { buffer } = asked.pixels;
    const whole = buffer instanceof ArrayBuffer && buffer.byteLength === asked.pixels.byteLength;
    this.#worker.postMessage(asked, whole ? [buffer] : []);
    return answer.promise;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #take(made: VariantMade): void {
    this.#asked.shift()?.resolve(made);
    if (this.#asked.length === 0) this.#worker.unref();
  }

  #end(cause: unknown): void {
    this.#loss ??= new RuntimeError('AUGMENT_WORKER_EXITED', {
      expected: 'the augmentation thread to run until it is closed',
      received: cause instanceof Error ? cause.message : 'its end',
      fix: 'start again, with more memory if the thread ran out of it',
      cause,
      retryable: true,
    });
    for (const { reject } of this.#asked.splice(0)) reject(this.#loss);
  }
}
