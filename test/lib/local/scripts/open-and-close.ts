/**
 * Opens and closes a store again and again, as commands do that come and go beside a worker. `open-and-close.ts
 * DIRECTORY TIMES`
 */
import { openFileStore } from '../../../../lib/local/file-store.ts';
import { systemClock } from '../../../../lib/store/system-clock.ts';

const [directory = '', times = '0'] = process.argv.slice(2);
for (let i = 0; i < Number(times); i++) openFileStore({ directory, clock: systemClock }).close();
