import { availableParallelism } from 'node:os';
import type { OnnxDevice, OnnxSession, PlacementOptions } from '../onnx/onnx-session.ts';
import { openWorkerSession, type WorkerSessionOptions } from '../onnx/worker-session.ts';
import type { Log } from '../ports.ts';
import type { Trunk } from './trunk.ts';
import { withWinograd } from './winograd/with-winograd.ts';

/** Batches of large images: their maps alone fill the processor's caches. */
const SMALLEST_BATCH = 8;
/** Batches of small images. */
const LARGEST_BATCH = 32;
/** Pixels of a batch of 8 images of 224 x 224. */
const PIXELS = 8 * 224 * 224;

/**
 * Opens a trunk to compute features of many images, with all threads. On the CPU, chains of large convolutions are
 * rewritten as Winograd convolutions.
 * @throws as openWorkerSession
 */
export async function openTrunkSession(
  { onnx }: Pick<Trunk, 'onnx'>,
  options: Pick<WorkerSessionOptions, 'device' | 'onPlacement'> = {},
): Promise<OnnxSession> {
  const { device = 'cpu' } = options;
  return openWorkerSession(device === 'cpu' ? withWinograd(onnx) : onnx, { ...options, threads: availableParallelism() });
}

/** The `onPlacement` of a trunk's session: logs the operators that the device lacks and that run on the CPU instead. */
export function logFallback(
  { key }: Pick<Trunk, 'key'>,
  device: OnnxDevice,
  log: Log | undefined,
): NonNullable<PlacementOptions['onPlacement']> {
  return ({ onCpu }) => log?.('device.fallback', { trunk: key, from: device, to: 'cpu', operators: onCpu });
}

/** The number of images to run through a trunk at once. The bits of the features do not depend on it. */
export function trunkBatch([height, width]: readonly [number, number]): number {
  return Math.max(SMALLEST_BATCH, Math.min(LARGEST_BATCH, Math.floor(PIXELS / (height * width))));
}
