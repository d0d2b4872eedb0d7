import { disableTelemetry } from './disable-telemetry.ts';

/** Imports ONNX Runtime (45 MB), without its telemetry. A process that uses it only in workers does not need it itself. */
export async function importRuntime(): Promise<typeof import('onnxruntime-node')> {
  disableTelemetry();
  return (await import('onnxruntime-node')).default;
}
