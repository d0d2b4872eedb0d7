/** send.ts FILE: takes a message and keeps it, then sends numbered ones for ever and says the number of each that was sent. */
import { openSqliteQueue } from '../../../../lib/local/sqlite-queue.ts';
import { systemClock } from '../../../../lib/store/system-clock.ts';

const [file = ''] = process.argv.slice(2);
const queue = openSqliteQueue({ file, clock: systemClock });

await queue.receive({ max: 1, visibilitySeconds: 600 });
for (let number = 0; ; number++) {
  await queue.send({ type: 'train', job: String(number) });
  process.stdout.write(`${number}\n`);
}
