import { beforeAll } from 'vitest';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';

/** Call at the top of a test file that touches tensors: it then runs on whatever runtime the test command chose. */
export function useTensorFlow(): void {
  beforeAll(async () => {
    await startTensorFlow();
  });
}
