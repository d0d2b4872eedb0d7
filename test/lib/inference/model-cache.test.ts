import { expect, it } from 'vitest';
import { openModelCache } from '../../../lib/inference/model-cache.ts';
import type { ServedModel } from '../../../lib/inference/served-model.ts';
import type { PackageRef } from '../../../lib/models/served-package.ts';
import { workerExited } from '../../../lib/onnx/session-errors.ts';

/** Models that only tell which of them are open. */
function models() {
  const open: string[] = [];
  const opened: string[] = [];
  return {
    open,
    opened,
    async load({ package: key }: PackageRef): Promise<ServedModel> {
      if (key === 'broken') throw new Error('no model');
      open.push(key);
      opened.push(key);
      return {
        card: { model: key, task: 'single-label', labels: [], input: { height: 1, width: 1, resize: 'bilinear' } },
        predict: async () => [],
        close: async () => void open.splice(open.indexOf(key), 1),
      };
    },
  };
}

const nothing = async () => {};

it('closes the least recently used model of too many', async () => {
  const { load, open, opened } = models();
  const shelf = openModelCache(load, 2);
  for (const key of ['a', 'b', 'a', 'c']) await shelf.use({ package: key }, nothing);
  await expect.poll(() => open).toEqual(['a', 'c']);
  expect(opened).toEqual(['a', 'b', 'c']);
});

it('keeps a model open until the last who uses it is done, whatever others ask for meanwhile', async () => {
  const { load, open } = models();
  const shelf = openModelCache(load, 1);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const uses = [first, second].map(({ promise }) => shelf.use({ package: 'a' }, () => promise));
  await shelf.use({ package: 'b' }, nothing);
  first.resolve();
  await uses[0];
  expect(open).toEqual(['a', 'b']);
  second.resolve();
  await uses[1];
  await expect.poll(() => open).toEqual(['b']);
});

it('opens no second copy of a model in use, however many others are asked for meanwhile', async () => {
  const { load, open, opened } = models();
  const shelf = openModelCache(load, 4);
  const held = Promise.withResolvers<void>();
  const use = shelf.use({ package: 'a' }, () => held.promise);
  for (const key of ['b', 'c', 'd', 'e', 'f', 'a']) await shelf.use({ package: key }, nothing);
  expect(opened).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  held.resolve();
  await use;
  await expect.poll(() => open.toSorted()).toEqual(['a', 'd', 'e', 'f']);
});

it('closes models beyond its number when their last uses end', async () => {
  const { load, open } = models();
  const shelf = openModelCache(load, 1);
  const holds = ['a', 'b', 'c'].map((key) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { end: resolve, use: shelf.use({ package: key }, () => promise) };
  });
  await expect.poll(() => open).toEqual(['a', 'b', 'c']);
  for (const { end, use } of holds) {
    end();
    await use;
  }
  await expect.poll(() => open).toEqual(['c']);
});

it('is closed when everyone is done', async () => {
  const { load, open } = models();
  const shelf = openModelCache(load, 1);
  const held = Promise.withResolvers<void>();
  const use = shelf.use({ package: 'a' }, () => held.promise);
  await shelf.use({ package: 'b' }, nothing);
  const closed = shelf.close();
  expect(open).toContain('a');
  held.resolve();
  await Promise.all([use, closed]);
  expect(open).toEqual([]);
});

it('retries a model that could not be opened', async () => {
  const { load } = models();
  let tries = 0;
  const shelf = openModelCache(async (version) => load(++tries === 1 ? { package: 'broken' } : version), 1);
  await expect(shelf.use({ package: 'a' }, nothing)).rejects.toThrow('no model');
  await shelf.use({ package: 'a' }, nothing);
  expect(tries).toBe(2);
});

it('opens a model again whose worker thread exited, once for all uses of it, and closes the old one', async () => {
  const { load, open, opened } = models();
  const shelf = openModelCache(load, 2);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const uses = [first, second].map(({ promise }) => shelf.use({ package: 'a' }, () => promise));
  first.reject(workerExited(undefined));
  await expect(uses[0]).rejects.toMatchObject({ code: 'ONNX_WORKER_EXITED' });
  await shelf.use({ package: 'a' }, nothing);
  second.reject(workerExited(undefined));
  await expect(uses[1]).rejects.toMatchObject({ code: 'ONNX_WORKER_EXITED' });
  await shelf.use({ package: 'a' }, nothing);
  expect(opened).toEqual(['a', 'a']);
  await expect.poll(() => open).toEqual(['a']);
});

it('keeps a model whose use fails for another reason', async () => {
  const { load, opened } = models();
  const shelf = openModelCache(load, 1);
  await expect(shelf.use({ package: 'a' }, () => Promise.reject(new Error('no image')))).rejects.toThrow('no image');
  await shelf.use({ package: 'a' }, nothing);
  expect(opened).toEqual(['a']);
});
