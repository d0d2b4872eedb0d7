/**
 * prepare.ts DIRECTORY [CALL COUNT]: opens a data folder, which migrates it, and says how many jobs it has. With CALL
 * it dies as by a power cut at that call of this function of node:fs.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { openEmbeddedWorld } from '../../../../lib/local/embedded-world.ts';

const [directory = '', call, count = '1'] = process.argv.slice(2);
if (call === 'readFileSync' || call === 'rmSync' || call === 'renameSync') {
  const original: (...values: never[]) => unknown = fs[call];
  let left = Number(count);
  const dying = (...values: never[]) => {
    if (--left > 0) return original(...values);
    process.kill(process.pid, 'SIGKILL');
    for (;;);
  };
  Object.assign(fs, { [call]: dying });
  syncBuiltinESMExports();
}
const world = openEmbeddedWorld(directory, () => {});
const { objects } = await world.store.list('jobs/');
process.stdout.write(`${objects.length}\n`);
world.close();
