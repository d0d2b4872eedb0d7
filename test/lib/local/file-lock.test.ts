import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type FileLock, openFileLock } from '../../../lib/local/file-lock.ts';
import { temporaryFolder } from '../../support/folder.ts';

it('is held by one at a time, and is free again when its holder closes it', () => {
  const file = join(temporaryFolder(), 'lock');
  const [one, other] = [openFileLock(file), open(file)];
  expect(one.hold()).toBe(true);
  expect(other.hold()).toBe(false);
  one.close();
  expect(other.hold()).toBe(true);
});

it('lets the event loop go on while it waits', async () => {
  const file = join(temporaryFolder(), 'lock');
  const [holder, waiter] = [openFileLock(file), open(file)];
  holder.hold();
  const order: string[] = [];
  const waiting = waiter.run(() => order.push('section'));
  setImmediate(() => {
    order.push('event loop');
    holder.close();
  });
  await waiting;
  expect(order).toEqual(['event loop', 'section']);
});

it('is let go of when a section fails', async () => {
  const file = join(temporaryFolder(), 'lock');
  const [one, other] = [open(file), open(file)];
  const fail = (): never => {
    throw new Error('no luck');
  };
  await expect(one.run(fail)).rejects.toThrow('no luck');
  expect(() => one.runBlocking(fail)).toThrow('no luck');
  expect(await other.run(() => 'done')).toBe('done');
  expect(one.runBlocking(() => 'done')).toBe('done');
});

function open(file: string): FileLock {
  const lock = openFileLock(file);
  onTestFinished(() => lock.close());
  return lock;
}
