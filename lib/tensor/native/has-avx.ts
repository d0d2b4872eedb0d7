import { readFileSync } from 'node:fs';

/** Whether this CPU has AVX. TensorFlow's binaries need it, and end the process where it is missing. */
export function hasAvx(cpuInfo = readCpuInfo()): boolean {
  return cpuInfo === undefined || /^flags\b.*\bavx\b/m.test(cpuInfo);
}

/** Only Linux tells; elsewhere the loader has to find out. */
function readCpuInfo(): string | undefined {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return undefined;
  }
}
