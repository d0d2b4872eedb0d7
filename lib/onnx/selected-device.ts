import { UsageError } from '../errors.ts';
import type { OnnxDevice } from './onnx-session.ts';

/**
 * The device on which a job computes features and trains: the one that `GRAFT_DEVICE` selects, else the CPU.
 * @throws UsageError DEVICE_UNKNOWN
 */
export function selectedDevice({ GRAFT_DEVICE: wanted = '' }: NodeJS.ProcessEnv = process.env): OnnxDevice {
  if (wanted === '' || wanted === 'cpu') return 'cpu';
  if (wanted === 'webgpu') return wanted;
  throw new UsageError('DEVICE_UNKNOWN', { at: 'GRAFT_DEVICE', expected: 'cpu or webgpu', received: wanted });
}
