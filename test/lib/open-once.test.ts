import { expect, test, vi } from 'vitest';
import { openOnce } from '../../lib/open-once.ts';

test('opens at the first use, and once for uses at the same time', async () => {
  const open = vi.fn(async () => ({ name: 'session' }));
  const session = openOnce(open);
  expect(await session.opened()).toBeUndefined();
  expect(open).not.toHaveBeenCalled();
  const [first, second] = await Promise.all([session.get(), session.get()]);
  expect(second).toBe(first);
  expect(await session.opened()).toBe(first);
  expect(open).toHaveBeenCalledOnce();
});

test('tries again after a failure', async () => {
  const open = vi.fn(async () => 'session').mockRejectedValueOnce(new Error('no memory'));
  const session = openOnce(open);
  const failing = session.get();
  expect(await session.opened()).toBeUndefined();
  await expect(failing).rejects.toThrow('no memory');
  expect(await session.opened()).toBeUndefined();
  expect(await session.get()).toBe('session');
});
