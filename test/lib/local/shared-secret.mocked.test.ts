import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { sharedSecret } from '../../../lib/local/shared-secret.ts';
import { temporaryFolder } from '../../support/folder.ts';

const linking = vi.hoisted(() => ({ code: 'EPERM' }));

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: async () => Promise.reject(Object.assign(new Error('no links here'), { code: linking.code })),
}));

afterEach(() => {
  linking.code = 'EPERM';
});

test('a file system without links gets one file, and every process its text', async () => {
  const directory = temporaryFolder();
  const file = join(directory, 'secret');
  let made = 0;
  const all = await Promise.all(Array.from({ length: 8 }, () => sharedSecret(file, () => `secret ${++made}`)));
  expect(readdirSync(directory)).toEqual(['secret']);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/^secret \d$/);
  expect(all.map((each) => each.text)).toEqual(Array.from({ length: 8 }, () => text));
  expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await sharedSecret(file, () => 'another')).toEqual({ text, isNew: false });
});

test('a failure leaves no draft with the secret', async () => {
  linking.code = 'EIO';
  const directory = temporaryFolder();
  await expect(sharedSecret(join(directory, 'secret'), () => 'secret')).rejects.toThrow('no links here');
  expect(readdirSync(directory)).toEqual([]);
});
