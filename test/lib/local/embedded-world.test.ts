import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('a queue is opened at its first use, and not after the world is closed', async () => {
  const directory = temporaryFolder();
  const world = { ...openEmbeddedWorld(directory, () => {}) };
  const exists = (name: string) => existsSync(join(directory, `${name}.sqlite`));
  expect(['imports', 'trainings', 'webhooks'].filter(exists)).toEqual([]);
  await world.queues.trainings.send({ type: 'collect' });
  expect(await world.queues.trainings.size()).toBe(1);
  expect(['imports', 'trainings', 'webhooks'].filter(exists)).toEqual(['trainings']);
  world.close();
  expect(() => world.queues.imports).toThrow('closed');
  expect(exists('imports')).toBe(false);
});

test.skipIf(process.platform === 'win32')('a data folder is for its user alone, unless it was made with another mode', () => {
  const [created, shared] = [join(temporaryFolder(), 'created'), join(temporaryFolder(), 'shared')];
  mkdirSync(shared);
  chmodSync(shared, 0o775);
  for (const directory of [created, shared]) openEmbeddedWorld(directory, () => {}).close();
  expect(statSync(created).mode & 0o777).toBe(0o700);
  expect(statSync(shared).mode & 0o777).toBe(0o775);
  // What it makes in the shared one has the mode of any new folder.
  const usual = join(temporaryFolder(), 'usual');
  mkdirSync(usual);
  expect(statSync(join(shared, 'store')).mode).toBe(statSync(usual).mode);
});
