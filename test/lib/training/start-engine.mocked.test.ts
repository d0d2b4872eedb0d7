import { expect, it, vi } from 'vitest';
import { RuntimeError } from '../../../lib/errors.ts';
import { startEngine } from '../../../lib/training/start-engine.ts';

vi.mock('../../../lib/tensor/native/find-native.ts', () => ({
  findNative: () => {
    throw new RuntimeError('NATIVE_DAMAGED', { at: 'infra/native/runtime' });
  },
}));

it('trains in ONNX Runtime if native TensorFlow is damaged', async () => {
  const { runtime } = await startEngine({ environment: {} });
  expect(runtime.name).toBe('onnx');
});
