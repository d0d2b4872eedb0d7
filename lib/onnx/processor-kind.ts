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
 * Outputs of a network on processors of two kinds differ by no more than this share of the largest output: docs/scale.md
 * has the measurements.
 */
export const KIND_TOLERANCE = 1e-4;

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
  const flags = flagsOf(cpuInfo);
  if (flags === undefined) return undefined;
  const known = new Set(flags);
  return INSTRUCTION_SETS.find(([, needed]) => needed.every((flag) => known.has(flag)))?.[0] ?? 'sse';
}

/** Instructions that add int8 products in 32 bits. */
const VNNI: readonly string[] = ['avx512_vnni', 'avx_vnni'];
let overflows: boolean | undefined;

/**
 * Whether sums of int8 products may overflow on this processor: on x86 without VNNI, or if that is not known, ONNX
 * Runtime adds pairs of them in 16 bits.
 */
export function mayOverflowInt8(): boolean {
  overflows ??= process.arch === 'x64' && !hasVnni(cpuInfo());
  return overflows;
}

/** @param info as Linux writes it to /proc/cpuinfo */
export function hasVnni(info: string): boolean {
  return flagsOf(info)?.some((flag) => VNNI.includes(flag)) === true;
}

function instructionSet(): string {
  return instructionSetOf(cpuInfo()) ?? cpus()[0]?.model ?? 'unknown';
}

function flagsOf(info: string): string[] | undefined {
  const [, flags] = /^flags\s*:(.*)$/m.exec(info) ?? [];
  return flags?.trim().split(/\s+/);
}

function cpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
