/**
 * A separate process that imports or opens an upload and prints its peak memory. `measure-import.ts import|open
 * DIRECTORY ID`
 */

import { runImport } from '../../lib/datasets/run-import.ts';
import { splitVersion } from '../../lib/datasets/splits/split-version.ts';
import { readUpload } from '../../lib/datasets/uploads/upload-record.ts';
import { openDataset } from '../../lib/datasets/versions/dataset-store.ts';
import { openFileStore } from '../../lib/local/file-store.ts';
import { openSqliteQueue } from '../../lib/local/sqlite-queue.ts';
import type { World } from '../../lib/ports.ts';
import { systemClock } from '../../lib/store/system-clock.ts';

const [what = '', directory = '', id = ''] = process.argv.slice(2);
const clock = systemClock;
const store = openFileStore({ directory: `${directory}/store`, clock });
const queue = openSqliteQueue({ file: `${directory}/queue.sqlite`, clock });
const world: World = { store, queues: { imports: queue, trainings: queue, webhooks: queue }, clock, log: () => {} };

const start = performance.now();
if (what === 'import') {
  const { state, error } = await runImport(id, world);
  if (state !== 'READY') throw new Error(`the import ended ${state}: ${error?.message}`);
} else {
  const { name } = await readUpload(id, store);
  const dataset = await openDataset(name, store);
  await splitVersion(dataset, { train: 0.7, validation: 0.1, test: 0.2 }, 0, store);
}
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ mebibytes: process.resourceUsage().maxRSS / 1024, seconds }));
store.close();
queue.close();
