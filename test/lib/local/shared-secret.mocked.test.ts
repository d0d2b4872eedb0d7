import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { sharedSecret } from '../../../lib/local/shared-secret.ts';
import { temporaryFolder } from '../../support/folder.ts';

const linking = vi.hoisted(() => ({ code: 'EPERM' }));

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: async () => Promise.reject(Object.assign(new Error('no links here'), { code: linking.code })),
}));

const content = (make: () => string) => ({ make, pattern: /^secret \d$/ });

afterEach(() => {
  linking.code = 'EPERM';
});

test('a file system without links gets one file, and every process its text', async () => {
  const directory = temporaryFolder();
  const file = join(directory, 'secret');
  let made = 0;
  const all = await Promise.all(
    Array.from({ length: 8 }, () =>
      sharedSecret(
        file,
        content(() => `secret ${++made}`),
      ),
    ),
  );
  expect(readdirSync(directory)).toEqual(['secret']);
  const text = readFileSync(file, 'utf8');
  expect(text).toMatch(/^secret \d$/);
  expect(all.map((each) => each.text)).toEqual(Array.from({ length: 8 }, () => text));
  expect(all.filter(({ isNew }) => isNew)).toHaveLength(1);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(
    await sharedSecret(
      file,
      content(() => 'secret 9'),
    ),
  ).toEqual({ text, isNew: false });
});

test('a failure leaves no draft with the secret', async () => {
  linking.code = 'EIO';
  const directory = temporaryFolder();
  await expect(
    sharedSecret(
      join(directory, 'secret'),
      content(() => 'secret 1'),
    ),
  ).rejects.toThrow('no links here');
  expect(readdirSync(directory)).toEqual([]);
});

test.each(['', 'secr'])('a file with "%s" that another process is writing is read when it is complete', async (part) => {
  const file = join(temporaryFolder(), 'secret');
  writeFileSync(file, part);
  let waits = 0;
  const write = async () => {
    if (++waits === 3) writeFileSync(file, 'secret 1');
  };
  expect(
    await sharedSecret(
      file,
      content(() => 'secret 2'),
      write,
    ),
  ).toEqual({ text: 'secret 1', isNew: false });
});

test('a file whose writer was stopped is an error that names it', async () => {
  const file = join(temporaryFolder(), 'secret');
  writeFileSync(file, '');
  const waits: number[] = [];
  const wait = async (milliseconds: number) => void waits.push(milliseconds);
  await expect(
    sharedSecret(
      file,
      content(() => 'secret 1'),
      wait,
    ),
  ).rejects.toMatchObject({
    code: 'SECRET_INCOMPLETE',
    at: file,
    fix: expect.stringContaining('delete'),
  });
  expect(waits).toEqual([200, 200, 200, 200, 200]);
});
