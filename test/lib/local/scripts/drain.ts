/** drain.ts FILE: takes messages until there are none, acknowledges them and says the job of each. */
import { openSqliteQueue } from '../../../../lib/local/sqlite-queue.ts';
import { systemClock } from '../../../../lib/store/system-clock.ts';

const [file = ''] = process.argv.slice(2);
const queue = openSqliteQueue({ file, clock: systemClock });

for (;;) {
  const deliveries = await queue.receive({ max: 2, visibilitySeconds: 600 });
  if (deliveries.length === 0) break;
  for (const { message, receipt } of deliveries) {
    await queue.acknowledge(receipt);
    if (message.type === 'train') process.stdout.write(`${message.job}\n`);
  }
}
queue.close();
