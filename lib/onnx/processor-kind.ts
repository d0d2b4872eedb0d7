import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { OnnxDevice } from './onnx-session.ts';

/** Instruction sets for which ONNX Runtime has kernels of its own, the one that it prefers first. */
const INSTRUCTION_SETS: readonly (readonly [name: string, flags: readonly string[]])[] = [
  ['avx512', ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl']],
  ['avx512f', ['avx512f']],
  ['avx2', ['avx2', 'fma']],
  ['avx', ['avx']],
];

/**
 * Names what the last digits of a network's outputs depend on besides network and input: processors with different
 * instruction sets add up products in another order.
 * @returns such as `linux x64 avx512`; where Linux lists no flags, the name of the processor is the last part
 */
export function processorKind(device: OnnxDevice = 'cpu'): string {
  return [process.platform, process.arch, device === 'cpu' ? instructionSet() : device].join(' ');
}

/** @param cpuInfo as Linux writes it to /proc/cpuinfo */
export function instructionSetOf(cpuInfo: string): string | undefined {
  const [, flags] = /^flags\s*:(.*)$/m.exec(cpuInfo) ?? [];
  if (flags === undefined) return undefined;
  const known = new Set(flags.trim().split(/\s+/));
  return INSTRUCTION_SETS.find(([, needed]) => needed.every((flag) => known.has(flag)))?.[0] ?? 'sse';
}

function instructionSet(): string {
  return instructionSetOf(cpuInfo()) ?? cpus()[0]?.model ?? 'unknown';
}

function cpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
