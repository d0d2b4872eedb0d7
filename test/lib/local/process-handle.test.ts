import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { handleOf, type ProcessStatus, processState, readPs, signalProcess } from '../../../lib/local/process-handle.ts';

const START = '1796034488';

test.each<[what: string, start: string, status: ProcessStatus | undefined, state: string]>([
  ['the same process', START, { state: 'S', start: START }, 'alive'],
  ['a stopped one', START, { state: 'T', start: START }, 'stopped'],
  ['one that a debugger has stopped', START, { state: 't', start: START }, 'stopped'],
  ['a zombie', START, { state: 'Z', start: START }, 'ended'],
  ['another process with the same id', START, { state: 'S', start: '1796034489' }, 'ended'],
  ['a process that cannot be read', START, undefined, 'unknown'],
  ['a process that could not be read when it started', '', { state: 'S', start: START }, 'unknown'],
  ['a process that never can be read', '', undefined, 'unknown'],
])('of %s, a handle tells the state', async (_, start, status, state) => {
  expect(await processState(`${process.pid}:${start}`, async () => status)).toBe(state);
});

test('a process that does not exist has ended, whatever is known of it', async () => {
  const { pid } = await startSleep();
  const gone = await startSleep();
  gone.kill('SIGKILL');
  await once(gone, 'exit');
  expect(await processState(`${gone.pid}:`, async () => undefined)).toBe('ended');
  expect(await processState(`${pid}:`, async () => undefined)).toBe('unknown');
});

test('only a process that is certainly the one of the handle gets a signal', async () => {
  const child = await startSleep();
  const { pid } = child;
  const kill = vi.spyOn(process, 'kill');
  onTestFinished(() => kill.mockRestore());
  const read = async () => ({ state: 'S', start: START });
  expect(await signalProcess(`${pid}:1`, 'SIGTERM', read)).toBe(false);
  expect(await signalProcess(`${pid}:`, 'SIGTERM', read)).toBe(false);
  expect(await signalProcess(`${pid}:${START}`, 'SIGTERM', async () => undefined)).toBe(false);
  expect(kill.mock.calls.map(([, signal]) => signal)).toEqual([0, 0, 0]);
  const ended = once(child, 'exit');
  expect(await signalProcess(`${pid}:${START}`, 'SIGTERM', read)).toBe(true);
  expect(await ended).toEqual([null, 'SIGTERM']);
});

test.each([
  ['ps', readPs],
  ['what the system has', undefined],
])('%s tells processes apart, and which of them is stopped', async (_, read) => {
  const child = await startSleep();
  const handle = await handleOf(child.pid, read);
  expect(handle).toMatch(/^\d+:\d+$/);
  expect(await processState(handle, read)).toBe('alive');
  expect(await processState(handle.replace(':', ':1'), read)).toBe('ended');
  child.kill('SIGSTOP');
  await expect.poll(() => processState(handle, read)).toBe('stopped');
  child.kill('SIGKILL');
  await expect.poll(() => processState(handle, read)).toBe('ended');
});

test('ps says the same in any time zone, and nothing of a process that does not exist', async () => {
  const { pid } = await startSleep();
  const seen = await readPs(pid);
  vi.stubEnv('TZ', 'Pacific/Auckland');
  vi.stubEnv('LC_TIME', 'de_DE.UTF-8');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await readPs(pid)).toMatchObject({ start: seen?.start });
  expect(await readPs(2 ** 30)).toBeUndefined();
});

async function startSleep(): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn('sleep', ['600']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('no process');
  return Object.assign(child, { pid });
}
