import { expect, test, vi } from 'vitest';
import { closeOnFailure } from '../../lib/close-on-failure.ts';

test('what is open stays open for the caller, unless the work fails', async () => {
  const opened = { close: vi.fn(async () => {}) };
  await expect(closeOnFailure(opened, async () => 7)).resolves.toBe(7);
  expect(opened.close).not.toHaveBeenCalled();
  await expect(closeOnFailure(opened, () => Promise.reject(new Error('too little memory')))).rejects.toThrow('too little memory');
  expect(opened.close).toHaveBeenCalledOnce();
});
