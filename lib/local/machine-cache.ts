import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { dirname, join } from 'node:path';
import type { MachineCache } from '../ports.ts';

export interface MachineCacheOptions {
  /** The folder of the files, in the user's cache. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Everything besides the machine that affects the speed of jobs: versions, and the native runtime. */
  readonly installation: () => readonly string[];
}

/**
 * Opens the measurements of this machine: a JSON file each, whose name contains a hash of the processor, the versions
 * and the selected runtime. A change of any of them starts without measurements.
 */
export function openMachineCache({ folder, environment, installation }: MachineCacheOptions): MachineCache {
  const fileOf = (name: string): string => join(folder, `${name}-${machineKey(environment, installation())}.json`);
  return {
    async read(name, schema) {
      try {
        return schema.parse(JSON.parse(await readFile(fileOf(name), 'utf8')));
      } catch {
        return undefined;
      }
    },
    async write(name, value) {
      const file = fileOf(name);
      // Concurrent readers always find a complete file.
      const temporary = `${file}.${randomUUID()}`;
      await mkdir(dirname(file), { recursive: true });
      await writeFile(temporary, JSON.stringify(value));
      await rename(temporary, file);
    },
  };
}

function machineKey(environment: NodeJS.ProcessEnv, installation: readonly string[]): string {
  const { GRAFT_DEVICE = '', GRAFT_ENGINE = '', GRAFT_TENSORFLOW = '', TF_NUM_INTRAOP_THREADS = '' } = environment;
  const machine = [cpus()[0]?.model, availableParallelism(), process.platform, process.arch, process.version];
  const runtime = [GRAFT_DEVICE, GRAFT_ENGINE, GRAFT_TENSORFLOW, TF_NUM_INTRAOP_THREADS];
  const all = JSON.stringify([machine, ...runtime, installation]);
  return createHash('sha256').update(all).digest('hex').slice(0, 16);
}
