/** log-much.ts [outlives]: logs, and then says on standard output that it still works. */
import { setTimeout as wait } from 'node:timers/promises';
import { jsonLog, outliveFullLog } from '../../../functions/world.ts';

if (process.argv[2] === 'outlives') outliveFullLog();
for (let line = 0; line < 3; line++) {
  jsonLog('line', { line });
  await wait(1);
}
process.stdout.write('still there\n');
