import type { BackboneSpec } from '../../contracts/job-spec.ts';
import type { OwnModel } from '../../contracts/own-model.ts';
import { DataError } from '../../errors.ts';
import { decodeModel } from '../../onnx/protobuf.ts';
import { checkSafety } from './check-safety.ts';
import { cutEncoder } from './encoder.ts';
import { readImageInput } from './image-input.ts';
import { type InputPreprocessing, readInputPreprocessing } from './input-preprocessing.ts';
import { toLicence } from './licence.ts';
import { chooseNormalization } from './normalization.ts';
import { checkSize } from './size-limit.ts';
import type { EncoderParts } from './write-encoder.ts';

/** A user's settings for a model. The rest is read from its graph. */
export interface EncoderOptions extends Omit<OwnModel, 'sha256'> {
  readonly inputSize?: BackboneSpec['inputSize'];
  /** From a configuration next to the file. Used only if neither the user nor the graph gives a value. */
  readonly configured?: Configured;
}

/** Settings from a configuration next to the file. */
export interface Configured extends Pick<OwnModel, 'mean' | 'std' | 'channels'> {
  readonly inputSize?: [number, number] | undefined;
}

/** What the graph of an encoder tells without running it. */
export interface EncoderGraph extends Omit<EncoderParts, 'perImage'> {
  readonly entrance: InputPreprocessing;
  readonly licence: string | undefined;
}

/**
 * Reads an ONNX model as an image encoder, and rejects it if it is unsafe.
 * @throws DataError OWN_MODEL_TOO_LARGE, OWN_MODEL_UNREADABLE, and as cutEncoder, checkSafety, readImageInput and
 *   chooseNormalization
 */
export function readGraph(bytes: Uint8Array, options: EncoderOptions): EncoderGraph {
  const { configured = {} } = options;
  checkSize('own', bytes.length);
  const model = decode(bytes);
  const encoder = cutEncoder(model, options.output);
  checkSafety(encoder, model);
  const entrance = readInputPreprocessing(encoder);
  const asked = { layout: options.layout, seenLayout: entrance.layout };
  const input = readImageInput(encoder.images, { ...asked, inputSize: options.inputSize, likelySize: configured.inputSize });
  const normalization = chooseNormalization({
    asked: options,
    inputType: input.elementType,
    inGraph: entrance.normalization,
    metadata: encoder.metadata,
    configured,
  });
  const licence = options.licence ?? toLicence(encoder.metadata.license) ?? toLicence(encoder.metadata.licence);
  return { encoder, input, normalization, entrance, licence };
}

function decode(bytes: Uint8Array) {
  try {
    return decodeModel(bytes);
  } catch (cause) {
    throw new DataError('OWN_MODEL_UNREADABLE', {
      expected: 'an ONNX model',
      received: `${bytes.length} bytes that are none`,
      fix: 'export the model again',
      cause,
    });
  }
}
