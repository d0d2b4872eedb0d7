import { DatabaseSync } from 'node:sqlite';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openFileLock } from '../../../lib/local/file-lock.ts';
import { retryWhileBusy } from '../../../lib/local/sqlite.ts';
import { temporaryFolder } from '../../support/folder.ts';

it('says that the disk is full', async () => {
  const database = new DatabaseSync(':memory:');
  database.exec('PRAGMA max_page_count = 4; CREATE TABLE t (body TEXT)');
  const insert = database.prepare('INSERT INTO t VALUES (zeroblob(1000000))');
  await expect(retryWhileBusy(() => insert.run())).rejects.toMatchObject({
    name: 'CapacityError',
    code: 'STORE_FULL',
    retryable: true,
  });
});

it('gives up, and may be asked again later, when somebody holds the lock for too long', async () => {
  const file = `${temporaryFolder()}/lock`;
  const [holder, waiter] = [openFileLock(file), openFileLock(file)];
  holder.hold();
  const now = vi.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(20_001);
  onTestFinished(() => now.mockRestore());
  await expect(waiter.run(() => 'never')).rejects.toMatchObject({ code: 'STORE_BUSY', retryable: true });
});

it('leaves other failures as they are', async () => {
  const database = new DatabaseSync(':memory:');
  await expect(retryWhileBusy(() => database.exec('SELECT nonsense'))).rejects.toThrow('no such column');
});
