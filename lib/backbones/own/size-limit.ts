import { DataError } from '../../errors.ts';

/** 1.5 GiB: a ViT-L has 1.2 GB in float32, and a protobuf file is limited to 2 GiB. */
const MAX_BYTES = 1.5 * 2 ** 30;

/** Checks the size of a model file. @throws DataError OWN_MODEL_TOO_LARGE */
export function checkSize(at: string, bytes: number): void {
  if (bytes <= MAX_BYTES) return;
  throw new DataError('OWN_MODEL_TOO_LARGE', {
    at,
    expected: `at most ${MAX_BYTES} bytes`,
    received: bytes,
    fix: 'use a smaller encoder, or the same in float16',
  });
}
