/**
 * start-spare.ts ENTRY LOGS [JOB]: starts a spare process, gives it attempt 1 of the job if there is one, writes
 * "ready", and waits to be killed.
 */
import { join } from 'node:path';
import { startSpareAttempt } from '../../../../lib/local/spare-attempt.ts';

const [entry = '', logDirectory = '', job] = process.argv.slice(2);
const spare = startSpareAttempt({ entry, environment: process.env, logDirectory, leastMemory: 0 });
if (job !== undefined) await spare?.assign({ job, attempt: 1 }, join(logDirectory, `${job}-1.log`));
process.stdout.write('ready\n');
setInterval(() => undefined, 1000);
