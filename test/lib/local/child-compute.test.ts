import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openChildCompute } from '../../../lib/local/child-compute.ts';
import { temporaryFolder } from '../../support/folder.ts';

describe.each(['ignoring', 'blocked'])('a worker that is %s when it is asked to end', (job) => {
  test('is killed after its time of grace, when its job was cancelled', async () => {
    const { compute, handle, ended } = await startDeaf(job);
    await compute.stop(handle);
    expect(await ended).toEqual({ attempt: { job, attempt: 1 }, how: 'signal SIGKILL', stopped: false });
    expect(await compute.state(handle)).toBe('ended');
    // Nothing happens when it has ended.
    await compute.stop(handle);
  });

  test('is killed, and known to have been stopped, when this process ends', async () => {
    const { compute, handle, ended } = await startDeaf(job);
    await compute.stopRunning(100);
    expect(await ended).toEqual({ attempt: { job, attempt: 1 }, how: 'signal SIGKILL', stopped: true });
    expect(compute.running.size).toBe(0);
    expect(await compute.state(handle)).toBe('ended');
  });
});

test('a worker has a session of its own: what is typed at the terminal does not reach it', async () => {
  const { compute, handle } = await startDeaf('ignoring');
  const pid = handle.split(':')[0] ?? '';
  const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [, , group, session] = status.slice(status.lastIndexOf(')') + 2).split(' ');
  expect([group, session]).toEqual([pid, pid]);
  await compute.stopRunning(0);
});

test('of a worker that was stopped nothing is known until it goes on, so that its lease decides', async () => {
  const { compute, handle } = await startDeaf('ignoring');
  const pid = Number(handle.split(':')[0]);
  process.kill(pid, 'SIGSTOP');
  await expect.poll(() => compute.state(handle)).toBe('unknown');
  process.kill(pid, 'SIGCONT');
  await expect.poll(() => compute.state(handle)).toBe('alive');
});

test('a disk without room for the results of an attempt says so', async () => {
  const compute = openChildCompute({
    entry: 'never started',
    environment: {},
    logDirectory: temporaryFolder(),
    most: 1,
    leastFreeBytes: Number.MAX_SAFE_INTEGER,
    onEnd: async () => {},
  });
  await expect(compute.requireRoom()).rejects.toMatchObject({ code: 'STORE_FULL', retryable: true });
});

test('a process whose start time is unknown may be a stranger: it gets no signal, and counts as alive', async () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  onTestFinished(() => kill.mockRestore());
  const compute = openChildCompute({
    entry: 'never started',
    environment: {},
    logDirectory: temporaryFolder(),
    most: 1,
    readStatus: async () => undefined,
    onEnd: async () => {},
  });
  for (const handle of ['4321:', '4321:1796034488']) {
    await compute.stop(handle);
    expect(await compute.state(handle)).toBe('alive');
  }
  // 0 only checks whether there is a process.
  expect(new Set(kill.mock.calls.map(([, signal]) => signal))).toEqual(new Set([0]));
});

describe('a process that the system cannot start', () => {
  test.each([
    // Longer than the kernel allows.
    ['throws', 'E2BIG', { env: { LONG: 'x'.repeat(2 ** 20) }, program: process.execPath }],
    ['emits', 'ENOENT', { env: {}, program: '/no/such/program' }],
  ])('is a start to try again, and no lost attempt, if Node %s %s', async (_, code, { env, program }) => {
    const onEnd = vi.fn(async () => {});
    const { execPath } = process;
    onTestFinished(() => {
      process.execPath = execPath;
    });
    process.execPath = program;
    const compute = openChildCompute({
      entry: 'never started',
      environment: env,
      logDirectory: temporaryFolder(),
      most: 1,
      onEnd,
    });
    await expect(compute.start({ job: 'job', attempt: 1 })).rejects.toMatchObject({
      code: 'PROCESS_UNAVAILABLE',
      received: expect.stringContaining(code),
      retryable: true,
    });
    expect(compute.running.size).toBe(0);
    await compute.stopRunning();
    expect(onEnd).not.toHaveBeenCalled();
  });
});

async function startDeaf(job: string) {
  const logDirectory = temporaryFolder();
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  const compute = openChildCompute({
    entry: fileURLToPath(new URL('scripts/deaf.ts', import.meta.url)),
    environment: process.env,
    logDirectory,
    most: 1,
    graceMs: 200,
    onEnd: async (attempt, how, stopped) => resolve({ attempt, how, stopped }),
  });
  onTestFinished(() => compute.stopRunning(0));
  const handle = await compute.start({ job, attempt: 1 });
  const log = join(logDirectory, `${job}-1.log`);
  await vi.waitFor(() => expect(readFileSync(log, 'utf8')).toContain('ready'), { timeout: 30_000, interval: 20 });
  expect(await compute.state(handle)).toBe('alive');
  return { compute, handle, ended };
}
