import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openChildCompute } from '../../../lib/local/child-compute.ts';
import { startSpareAttempt } from '../../../lib/local/spare-attempt.ts';
import { temporaryFolder } from '../../support/folder.ts';

const PATIENT = { timeout: 30_000, interval: 20 };
const waitForAttempt = script('wait-for-attempt');

test('the first attempt gets the process that was started ahead, with a log and a session of its own', async () => {
  const { compute, logs, sparePid } = await openWithSpare();
  const handle = await compute.start({ job: 'first', attempt: 1 });
  const pid = Number(handle.split(':')[0]);
  expect(pid).toBe(sparePid);
  expect(await compute.state(handle)).toBe('alive');
  expect([...compute.running]).toEqual(['first/1']);
  expect(sessionOf(pid)).toBe(`${pid}`);
  await vi.waitFor(() => expect(readLog(logs, 'first-1')).toBe(`${pid}\n{"job":"first","attempt":1}\n`), PATIENT);
  expect(readdirSync(logs)).toEqual(['first-1.log']);
});

test('the next attempt gets a new process', async () => {
  const { compute, logs, sparePid } = await openWithSpare();
  await compute.start({ job: 'first', attempt: 1 });
  const handle = await compute.start({ job: 'second', attempt: 1 });
  expect(Number(handle.split(':')[0])).not.toBe(sparePid);
  await vi.waitFor(() => expect(readLog(logs, 'second-1')).toContain('ready'), PATIENT);
});

test('the end of the process is that of its attempt', async () => {
  const { compute, ended } = await openWithSpare();
  const handle = await compute.start({ job: 'first', attempt: 1 });
  await compute.stop(handle);
  expect(await ended).toEqual({ job: 'first', attempt: 1, how: 'signal SIGTERM', stopped: false });
  await vi.waitFor(() => expect(compute.running.size).toBe(0), PATIENT);
});

test('an attempt whose log exists gets a new process, which appends to it', async () => {
  const { compute, logs, sparePid } = await openWithSpare();
  writeFileSync(join(logs, 'first-1.log'), 'before\n');
  const handle = await compute.start({ job: 'first', attempt: 1 });
  expect(Number(handle.split(':')[0])).not.toBe(sparePid);
  await vi.waitFor(() => expect(readLog(logs, 'first-1')).toBe('before\nready\n'), PATIENT);
});

test('an attempt gets a new process if the spare one has died', async () => {
  const { compute, logs, sparePid } = await openWithSpare();
  process.kill(sparePid, 'SIGKILL');
  const handle = await compute.start({ job: 'first', attempt: 1 });
  expect(Number(handle.split(':')[0])).not.toBe(sparePid);
  expect(await compute.state(handle)).toBe('alive');
  await vi.waitFor(() => expect(readLog(logs, 'first-1')).toContain('ready'), PATIENT);
  await vi.waitFor(() => expect(readdirSync(logs)).toEqual(['first-1.log']), PATIENT);
});

test('an attempt gets a new process if the spare one does not answer, and that one is killed first', async () => {
  const { compute, logs, sparePid } = await openWithSpare({ GRAFT_TEST_SILENT: '1' });
  const handle = await compute.start({ job: 'first', attempt: 1 });
  expect(isAlive(sparePid)).toBe(false);
  expect(await compute.state(handle)).toBe('alive');
  await vi.waitFor(() => expect(readLog(logs, 'first-1')).toContain('ready'), PATIENT);
});

test('an unused process does not count as running, and ends with the worker, like its log', async () => {
  const { compute, logs, sparePid } = await openWithSpare();
  expect(compute.running.size).toBe(0);
  await compute.stopRunning(0);
  expect(isAlive(sparePid)).toBe(false);
  expect(readdirSync(logs)).toEqual([]);
  const handle = await compute.start({ job: 'first', attempt: 1 });
  expect(await compute.state(handle)).toBe('alive');
});

test('an attempt that is being given to the process is stopped too', async () => {
  const { compute, ended } = await openWithSpare();
  const starting = compute.start({ job: 'first', attempt: 1 });
  await compute.stopRunning(0);
  expect(await compute.state(await starting)).toBe('ended');
  expect(await ended).toMatchObject({ job: 'first', attempt: 1, stopped: true });
});

test('none is started with little memory', () => {
  const logDirectory = temporaryFolder();
  const options = { entry: waitForAttempt, environment: process.env, logDirectory };
  expect(startSpareAttempt({ ...options, leastMemory: Number.MAX_SAFE_INTEGER })).toBeUndefined();
  expect(readdirSync(logDirectory)).toEqual([]);
});

test('none is started if the system refuses a process, or its log', () => {
  const logDirectory = temporaryFolder();
  // The system refuses such an environment (E2BIG).
  const environment = { ...process.env, GRAFT_TEST_TOO_LARGE: 'x'.repeat(2 ** 22) };
  expect(startSpareAttempt({ entry: waitForAttempt, environment, logDirectory, leastMemory: 0 })).toBeUndefined();
  expect(readdirSync(logDirectory)).toEqual([]);
  const missing = join(logDirectory, 'missing');
  const refused = { entry: waitForAttempt, environment: process.env, logDirectory: missing, leastMemory: 0 };
  expect(startSpareAttempt(refused)).toBeUndefined();
});

test('the training entry ends with its parent while it has no attempt, and removes its log', async () => {
  const logs = temporaryFolder();
  const { parent, pid } = await startParent(trainingSpare(), logs);
  expect(readdirSync(logs)).toEqual([expect.stringMatching(/^spare-.+\.log$/)]);
  parent.kill('SIGKILL');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), PATIENT);
  expect(readdirSync(logs)).toEqual([]);
});

test('a process that has an attempt outlives its parent', async () => {
  const logs = temporaryFolder();
  const { parent, pid } = await startParent(waitForAttempt, logs, 'first');
  const ended = once(parent, 'exit');
  parent.kill('SIGKILL');
  await ended;
  await vi.waitFor(() => expect(readLog(logs, 'first-1')).toBe(`${pid}\n{"job":"first","attempt":1}\n`), PATIENT);
  expect(isAlive(pid)).toBe(true);
});

/** A compute with a spare process that is up. */
async function openWithSpare(variables: Record<string, string> = {}) {
  const logs = temporaryFolder();
  const environment = { ...process.env, ...variables };
  const answerMs = 'GRAFT_TEST_SILENT' in variables ? 1 : 60_000;
  const options = { entry: waitForAttempt, environment, logDirectory: logs, leastMemory: 0, answerMs };
  const spare = startSpareAttempt(options);
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  const compute = openChildCompute({
    entry: script('deaf'),
    environment: process.env,
    logDirectory: logs,
    most: 1,
    spare,
    onEnd: async (attempt, how, stopped) => resolve({ ...attempt, how, stopped }),
  });
  onTestFinished(() => compute.stopRunning(0));
  const sparePid = await vi.waitFor(() => {
    const [log = ''] = readdirSync(logs);
    const pid = readLog(logs, basename(log, '.log'));
    expect(pid).toMatch(/\n$/);
    return Number(pid);
  }, PATIENT);
  return { compute, logs, sparePid, ended };
}

/** A process that has started a spare one. @returns the id of the spare process */
async function startParent(entry: string, logs: string, ...job: string[]) {
  const parent = spawn(process.execPath, [...process.execArgv, script('start-spare'), entry, logs, ...job], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pids: number[] = [];
  onTestFinished(() => {
    parent.kill('SIGKILL');
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  await once(parent.stdout, 'data');
  const pid = childOf(parent.pid ?? 0);
  pids.push(pid);
  return { parent, pid };
}

function childOf(parent: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statusOf(Number(name))[1] === `${parent}`);
  expect(children).toHaveLength(1);
  return Number(children[0]);
}

function isAlive(pid: number): boolean {
  const [state = 'Z'] = statusOf(pid);
  return state !== 'Z';
}

function sessionOf(pid: number): string | undefined {
  return statusOf(pid)[3];
}

/** State, parent, group and session of a process; empty if there is none. */
function statusOf(pid: number): string[] {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function readLog(folder: string, name: string): string {
  return readFileSync(join(folder, `${name}.log`), 'utf8');
}

function script(name: string): string {
  return fileURLToPath(new URL(`scripts/${name}.ts`, import.meta.url));
}

function trainingSpare(): string {
  return fileURLToPath(new URL('../../../functions/train/spare.ts', import.meta.url));
}
