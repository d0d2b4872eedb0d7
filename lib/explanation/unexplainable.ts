import { GraftError } from '../errors.ts';

/** Creates the error for a graph whose predictions need occlusion. */
export function unexplainable(at: string, received: unknown): GraftError {
  return new GraftError('ONNX_GRADIENT_UNSUPPORTED', {
    at,
    expected: 'a network with maps [N, channels, height, width] before its head',
    received,
    fix: 'explain its predictions by occlusion',
  });
}
