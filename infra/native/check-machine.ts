import { RuntimeError } from '../../lib/errors.ts';
import { hasAvx } from '../../lib/tensor/native/has-avx.ts';
import { run } from './run.ts';

/** Tools that the build calls. On Debian and Ubuntu one command installs all of them. */
const TOOLS = [
  { name: 'g++', probe: ['g++', '--version'], fix: 'apt-get install g++' },
  { name: 'python3', probe: ['python3', '--version'], fix: 'apt-get install python3 python3-pip' },
  { name: 'pip', probe: ['python3', '-m', 'pip', '--version'], fix: 'apt-get install python3-pip' },
  { name: 'unzip', probe: ['unzip', '-v'], fix: 'apt-get install unzip' },
];

/**
 * Checks that the runtime can be built and loaded on this machine.
 * @throws RuntimeError NATIVE_REQUIRES_LINUX, NATIVE_REQUIRES_AVX, NATIVE_TOOL_MISSING
 */
export async function checkMachine(): Promise<void> {
  const here = `${process.platform} ${process.arch}${usesGlibc() ? '' : ' without glibc'}`;
  if (here !== 'linux x64') {
    throw new RuntimeError('NATIVE_REQUIRES_LINUX', {
      expected: "linux x64 with glibc, which TensorFlow's wheel is built for",
      received: here,
    });
  }
  if (!hasAvx()) throw new RuntimeError('NATIVE_REQUIRES_AVX', { expected: 'a CPU with AVX, which TensorFlow is built for' });
  for (const { name, probe, fix } of TOOLS) {
    const { status } = await run(probe);
    if (status !== 0) throw new RuntimeError('NATIVE_TOOL_MISSING', { expected: name, fix: `${fix}, then npm run native` });
  }
}

function usesGlibc(): boolean {
  if (process.platform !== 'linux') return true;
  const report: unknown = process.report.getReport();
  return JSON.stringify(report).includes('"glibcVersionRuntime"');
}
