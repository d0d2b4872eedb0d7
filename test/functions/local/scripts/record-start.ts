/**
 * record-start.ts [--job]: a worker that appends "PID started ARGUMENTS" to the file `record` of its data folder. It
 * ends when its parent closes the channel, and appends "PID released" then; without a channel it ends by a signal.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

const record = (line: string) => appendFileSync(join(process.env.GRAFT_DATA_DIR ?? '', 'record'), `${process.pid} ${line}\n`);
process.once('disconnect', () => {
  record('released');
  process.exit(0);
});
record(`started${process.connected ? ' waiting' : ''}${process.argv.slice(2).map((argument) => ` ${argument}`)}`);
setInterval(() => undefined, 1000);
