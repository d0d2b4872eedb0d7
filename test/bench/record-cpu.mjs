/**
 * Preloaded by a measured process: records its CPU time in the folder of GRAFT_BENCH_CPU when it exits. Plain JavaScript,
 * so that it hardly delays the start.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const folder = process.env.GRAFT_BENCH_CPU;

// A worker thread's time belongs to its process.
if (folder !== undefined && isMainThread) {
  const running = join(folder, `${process.pid}.running`);
  writeFileSync(running, '');
  process.once('exit', () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(join(folder, `${process.pid}.seconds`), String((user + system) / 1e6));
    rmSync(running, { force: true });
  });
}
