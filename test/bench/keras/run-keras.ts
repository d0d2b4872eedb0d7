import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';
import { messageOf } from '../../../lib/contracts/errors/message-of.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import { cacheFolder } from '../../../lib/local/cache-folder.ts';

const run = promisify(execFile);
const requirements = join(import.meta.dirname, 'requirements.txt');

const Sample = z.object({ seconds: z.number(), cpuSeconds: z.number() }).catchall(z.number());
const KerasRun = z.object({ sample: Sample, versions: z.record(z.string(), z.string()) });

/**
 * Runs a script of this folder on the pinned Keras, which is installed in the user's cache folder the first time.
 * @returns seconds and CPU seconds of its stages, without the start of Python and TensorFlow
 * @throws RuntimeError KERAS_UNAVAILABLE
 */
export async function runKeras(script: string, args: readonly string[]): Promise<z.infer<typeof KerasRun>> {
  return KerasRun.parse(await keras(script, args));
}

/**
 * Runs a script of this folder on the pinned Keras.
 * @returns what it prints on its last line
 * @throws RuntimeError KERAS_UNAVAILABLE
 */
export async function keras(script: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(await installKeras(), [join(import.meta.dirname, script), ...args], {
    env: environment(),
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

/** A script that measures one step for each line that it reads. */
export interface KerasStepper {
  step(): Promise<z.infer<typeof Sample>>;
  stop(): void;
}

/**
 * Starts a script of this folder that runs step by step.
 * @throws RuntimeError KERAS_UNAVAILABLE
 */
export async function startKeras(script: string, args: readonly string[]): Promise<KerasStepper> {
  const python = await installKeras();
  const child = spawn(python, [join(import.meta.dirname, script), ...args], {
    env: environment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async step() {
      child.stdin.write('step\n');
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script}: ${said}`);
      return Sample.parse(JSON.parse(value));
    },
    stop: () => child.stdin.end(),
  };
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', PYTHONHASHSEED: '0' };
}

/**
 * Installs these versions in a separate Python environment.
 * @returns the path of its Python
 */
async function installKeras(): Promise<string> {
  const pinned = await readFile(requirements);
  const name = `keras-${createHash('sha256').update(pinned).digest('hex').slice(0, 16)}`;
  const folder = join(cacheFolder(), name);
  const [python, whole] = [join(folder, 'bin', 'python'), join(folder, 'whole')];
  if (existsSync(whole)) return python;
  try {
    await mkdir(folder, { recursive: true });
    console.error(`installing ${pinned.toString().trim().split('\n').join(', ')} in ${folder}`);
    await run('python3', ['-m', 'venv', '--clear', folder]);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await run(python, install, { maxBuffer: 2 ** 26 });
    await writeFile(whole, '');
    return python;
  } catch (cause) {
    throw new RuntimeError('KERAS_UNAVAILABLE', {
      at: folder,
      expected: 'a virtual environment with the pinned Keras, made by python3 and pip',
      received: messageOf(cause),
      fix: 'Python 3.11 to 3.13, its venv module, and a way to PyPI',
      cause,
    });
  }
}
