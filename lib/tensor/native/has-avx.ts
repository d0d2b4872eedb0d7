import { readFileSync } from 'node:fs';

/** Tells whether this CPU has AVX. TensorFlow's binaries need it and crash the process without it. */
export function hasAvx(cpuInfo = readCpuInfo()): boolean {
  return cpuInfo === undefined || /^flags\b.*\bavx\b/m.test(cpuInfo);
}

/** Reads /proc/cpuinfo, which only Linux has. Elsewhere, only loading the library shows whether it works. */
function readCpuInfo(): string | undefined {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return undefined;
  }
}
