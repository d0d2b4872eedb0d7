import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { timeWork } from './time-work.ts';

/** Computes until it has taken this much CPU time. */
const compute = (seconds: number) =>
  `const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; }; while (used() < ${seconds});`;

test('CPU seconds are those of the processes that the work started', async () => {
  const sample = await timeWork(async () => {
    await promisify(execFile)(process.execPath, ['--eval', compute(0.5)]);
    return undefined;
  });
  expect(sample.cpuSeconds).toBeGreaterThanOrEqual(0.5);
  expect(process.env.GRAFT_BENCH_CPU).toBeUndefined();
  expect(process.env.NODE_OPTIONS ?? '').not.toContain('record-cpu');
});

test('a detached process counts, too, and has exited afterwards', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'graft-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'exited');
  const program = `console.log('started'); ${compute(0.5)} require('node:fs').writeFileSync(${JSON.stringify(file)}, '')`;
  const { cpuSeconds } = await timeWork(async () => {
    const child = spawn(process.execPath, ['--eval', program], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.unref();
    return undefined;
  });
  expect(cpuSeconds).toBeGreaterThanOrEqual(0.5);
  expect(existsSync(file)).toBe(true);
});

test('what the work measured counts instead', async () => {
  expect(await timeWork(async () => ({ seconds: 7, images: 3 }))).toMatchObject({ seconds: 7, images: 3 });
});
