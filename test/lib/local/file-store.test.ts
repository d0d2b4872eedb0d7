import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { objectStoreContract } from '../../support/port-contracts.ts';

objectStoreContract('a folder of files', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'graft-store-'));
  const store = openFileStore({ directory, clock: manualClock() });
  return {
    store,
    upload: ({ url }, body) =>
      store.acceptUpload(url.replace('/v1/uploads/', ''), body).then(
        () => true,
        () => false,
      ),
    async dispose() {
      store.close();
      await rm(directory, { recursive: true });
    },
  };
});
