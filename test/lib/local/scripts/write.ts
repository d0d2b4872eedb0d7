/** write.ts DIRECTORY: puts, replaces, copies and deletes for ever; each body begins with the SHA-256 of its rest. */
import { createHash, randomBytes } from 'node:crypto';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import { systemClock } from '../../../../lib/store/system-clock.ts';

const [directory = ''] = process.argv.slice(2);
const store = openFileStore({ directory, clock: systemClock });

for (let round = 0; ; round++) {
  const rest = randomBytes(400_000);
  process.stdout.write(`${round}\n`);
  await store.put(`blobs/${round % 3}/blob`, Buffer.concat([createHash('sha256').update(rest).digest(), rest]));
  await store.copy(`blobs/${round % 3}/blob`, `copies/${round % 2}`);
  await store.delete(`blobs/${(round + 1) % 3}/blob`);
}
