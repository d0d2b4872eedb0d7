import type { OwnModel } from '../../contracts/own-model.ts';
import { DataError } from '../../errors.ts';
import { elementType } from '../../onnx/onnx-model.ts';
import type { InputAffine } from './input-preprocessing.ts';

/**
 * The normalization of RGB 0..255 before the graph: (x / 255 - mean) / std, with the channels in the order
 * `channels`.
 */
export interface PixelNormalization {
  /** For red, green and blue, regardless of the model's channel order. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  readonly channels: 'rgb' | 'bgr';
}

/** For graphs that need no normalization before them: one for pixels 0..1, one for pixels 0..255. */
const fromUnit = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
const fromBytes = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } as const;
const fromSigned = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;

/** Ranges, and channel orders, as named in ONNX's image metadata (onnx/docs/MetadataProps.md). */
const ranges: Readonly<Record<string, Pick<PixelNormalization, 'mean' | 'std'>>> = {
  NominalRange_0_255: fromBytes,
  Normalized_0_1: fromUnit,
  Normalized_1_1: fromSigned,
};

const orders: Readonly<Record<string, PixelNormalization['channels']>> = { Rgb8: 'rgb', Bgr8: 'bgr' };

/** Evidence of the pixel format that a model expects, from the most to the least reliable. */
export interface NormalizationHints {
  readonly asked: Pick<OwnModel, 'mean' | 'std' | 'channels'>;
  /** A TensorProto.DataType. */
  readonly inputType: number;
  /** The graph's own first operations on its input. */
  readonly inGraph: InputAffine | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  /** From a configuration next to the file. */
  readonly configured: Pick<OwnModel, 'mean' | 'std' | 'channels'>;
}

/**
 * Chooses the normalization from the hints. @throws DataError OWN_MODEL_NORMALIZATION_MISSING if none gives mean and
 * std
 */
export function chooseNormalization(signs: NormalizationHints): PixelNormalization {
  const { asked, inputType, inGraph, metadata, configured } = signs;
  const found =
    pair(asked) ??
    (inputType === elementType.uint8 ? fromBytes : undefined) ??
    (inGraph && acceptedRange(inGraph)) ??
    ranges[metadata['Image.NominalPixelRange'] ?? ''] ??
    pair(configured);
  if (found === undefined) throw missing();
  const { mean, std } = found;
  return {
    mean,
    std,
    channels: asked.channels ?? orders[metadata['Image.BitmapPixelFormat'] ?? ''] ?? configured.channels ?? 'rgb',
  };
}

/**
 * Finds the pixel range that a graph's own normalization expects: 0..255 if it scales down strongly or its offset is
 * in the tens, 0..1 if it scales up or its offset is below one.
 */
function acceptedRange({ scale, offset }: InputAffine): Pick<PixelNormalization, 'mean' | 'std'> | undefined {
  const largest = (list: readonly number[]): number => Math.max(...list.map(Math.abs));
  if (largest(scale) === 1 && largest(offset) === 0) return undefined;
  return largest(scale) < 0.1 || largest(offset) > 10 ? fromBytes : fromUnit;
}

function pair({ mean, std }: Pick<OwnModel, 'mean' | 'std'>): Pick<PixelNormalization, 'mean' | 'std'> | undefined {
  return mean === undefined || std === undefined ? undefined : { mean, std };
}

function missing(): DataError {
  return new DataError('OWN_MODEL_NORMALIZATION_MISSING', {
    at: 'own.mean',
    expected: 'mean and std of the images that the model was trained on, for values 0..1',
    received: 'a graph that does not tell',
    fix: [
      'give both; ImageNet (timm, DINOv2): --own-mean 0.485,0.456,0.406 --own-std 0.229,0.224,0.225',
      'CLIP: --own-mean 0.48145466,0.4578275,0.40821073 --own-std 0.26862954,0.26130258,0.27577711',
      'SigLIP: --own-mean 0.5,0.5,0.5 --own-std 0.5,0.5,0.5',
      'values 0..1 as they are: --own-mean 0,0,0 --own-std 1,1,1',
    ].join('; '),
  });
}
