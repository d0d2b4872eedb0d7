import type { ObjectStore } from '../ports.ts';
import { type NoInt8Form, quantizeTrunk } from '../quantization/quantize-trunk.ts';
import type { Trunk } from './trunk.ts';
import { findTrunk, storeTrunk, trunkKey } from './trunk-store.ts';

/** Raise this if the quantization of the same trunk by the same images changes. */
const QUANTIZATION_VERSION = 1;

/** The images that calibrate a trunk. */
export interface CalibrationImages {
  /** SHA-256 of each. */
  readonly images: readonly string[];
  /** Decodes them: float32 [height, width, 3] each, RGB 0..255. Called only if the trunk was not quantized before. */
  readonly read: () => Promise<readonly Float32Array[]>;
  /** Ends the calibration. */
  readonly signal: AbortSignal;
}

/**
 * Opens the int8 form of a trunk, from the store if the same images calibrated it before.
 * @param trunk in float32
 * @returns why not, if it has no other int8 form
 * @throws as quantizeTrunk, and as `read`
 */
export async function openInt8Trunk(
  trunk: Trunk,
  { images, read, signal }: CalibrationImages,
  store: ObjectStore,
): Promise<Trunk | NoInt8Form> {
  const { key: float32, onnx, ...description } = trunk;
  const [height, width] = trunk.inputSize;
  const key = trunkKey({ version: QUANTIZATION_VERSION, precision: 'int8', trunk: float32, calibrationImages: images });
  const known = await findTrunk(key, store);
  if (known !== undefined) return known;
  const made = await quantizeTrunk(onnx, { pixels: await read(), height, width, signal });
  if ('why' in made) return made;
  const int8 = { layers: made.layers, calibrationImages: [...images] };
  return storeTrunk(key, { ...description, int8, onnx: made.onnx }, store);
}
