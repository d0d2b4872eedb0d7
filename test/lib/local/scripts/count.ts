/** count.ts DIRECTORY TIMES: adds one to the object `counter` so many times, by compare-and-swap, and says so each time. */
import { ConflictError } from '../../../../lib/errors.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import { systemClock } from '../../../../lib/store/system-clock.ts';

const [directory = '', times = ''] = process.argv.slice(2);
const store = openFileStore({ directory, clock: systemClock });

for (let done = 0; done < Number(times); ) {
  const counter = await store.get('counter');
  if (counter === undefined) throw new Error('there is no counter');
  // Always the same length, so that only a good ETag tells two versions apart.
  const next = String(Number(new TextDecoder().decode(counter.body)) + 1).padStart(8, '0');
  try {
    await store.put('counter', new TextEncoder().encode(next), { ifMatch: counter.etag });
    done++;
    process.stdout.write(`${next}\n`);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
store.close();
