import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { NotFoundError } from '../../../lib/errors.ts';
import { withStoreErrors } from '../../../lib/local/store-errors.ts';
import { temporaryFolder } from '../../support/folder.ts';

it.each([
  ['a full disk', () => writeFile('/dev/full', 'x'), { name: 'CapacityError', code: 'STORE_FULL', at: 'a/b' }],
  ['any other failure', () => readFile('/'), { name: 'RuntimeError', code: 'STORE_FAILED', at: 'a/b' }],
])('explains %s', async (_, operation: () => Promise<unknown>, error) => {
  await expect(withStoreErrors('a/b', operation)).rejects.toMatchObject({
    ...error,
    cause: expect.objectContaining({ code: expect.any(String) }),
  });
});

it('names a lock that another process holds, and what to do about it', async () => {
  const file = join(temporaryFolder(), 'lock');
  const [holder, waiter] = [new DatabaseSync(file), new DatabaseSync(file, { timeout: 0 })];
  holder.exec('BEGIN IMMEDIATE');
  await expect(withStoreErrors('a/b', async () => waiter.exec('BEGIN IMMEDIATE'))).rejects.toMatchObject({
    name: 'CapacityError',
    code: 'STORE_BUSY',
    at: 'a/b',
    fix: 'stop the process that holds the lock',
    retryable: true,
  });
});

it('leaves an error that is explained already as it is', async () => {
  const error = new NotFoundError('OBJECT_NOT_FOUND');
  await expect(withStoreErrors('a/b', () => Promise.reject(error))).rejects.toBe(error);
});
