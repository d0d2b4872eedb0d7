import { resolve } from 'node:path';
import { type LocalWorld, openEmbeddedWorld } from '../lib/local/embedded-world.ts';
import { systemClock } from '../lib/local/system-clock.ts';
import type { Log } from '../lib/ports.ts';

/** One JSON line an event, on standard error. */
export const jsonLog: Log = (event, values = {}) => {
  process.stderr.write(`${JSON.stringify({ time: systemClock.now().toISOString(), event, ...values })}\n`);
};

/** Where the embedded default keeps everything. */
export function dataDirectory(environment: NodeJS.ProcessEnv): string {
  return resolve(environment.GRAFT_DATA_DIR ?? '.graft');
}

/** The one place that chooses the adapters of a process. */
export function openWorld(environment: NodeJS.ProcessEnv, log: Log = jsonLog): LocalWorld {
  return openEmbeddedWorld(dataDirectory(environment), log);
}
