import { checkDevice } from '../../../lib/onnx/check-device.ts';

/** Whether this machine has a WebGPU adapter. Without one the tests are skipped, and a warning says why. */
export async function hasWebGpu(): Promise<boolean> {
  try {
    await checkDevice('webgpu');
    return true;
  } catch (error) {
    process.emitWarning(`The tests of WebGPU are skipped: ${error instanceof Error ? error.message : error}`);
    return false;
  }
}
