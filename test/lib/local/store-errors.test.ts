import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { NotFoundError } from '../../../lib/errors.ts';
import { withStoreErrors } from '../../../lib/local/store-errors.ts';

it.each([
  ['a full disk', () => writeFile('/dev/full', 'x'), { name: 'CapacityError', code: 'STORE_FULL', at: 'a/b' }],
  ['any other failure', () => readFile('/'), { name: 'RuntimeError', code: 'STORE_FAILED', at: 'a/b' }],
])('explains %s', async (_, operation: () => Promise<unknown>, error) => {
  await expect(withStoreErrors('a/b', operation)).rejects.toMatchObject({
    ...error,
    cause: expect.objectContaining({ code: expect.any(String) }),
  });
});

it('leaves an error that is explained already as it is', async () => {
  const error = new NotFoundError('OBJECT_NOT_FOUND');
  await expect(withStoreErrors('a/b', () => Promise.reject(error))).rejects.toBe(error);
});
