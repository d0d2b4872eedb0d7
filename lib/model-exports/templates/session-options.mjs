import { readFile } from 'node:fs/promises';

// ONNX Runtime would send telemetry to Microsoft. In a worker thread this has no effect: set it where the process starts.
process.env.ORT_DISABLE_TELEMETRY ??= '1';

/**
 * Chooses options of ONNX Runtime by the processor, as Graft does: on x86 without VNNI, or if that is not known, ONNX
 * Runtime adds pairs of int8 products in 16 bits, which can overflow. The option prevents that. It has no effect on
 * models in float.
 */
export async function sessionOptions() {
  const processor = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const mayOverflow = process.arch === 'x64' && !/\b(avx512_vnni|avx_vnni)\b/.test(processor);
  return mayOverflow ? { extra: { session: { x64quantprecision: '1' } } } : {};
}
