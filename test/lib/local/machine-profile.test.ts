import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { referenceRates } from '../../../lib/calibration/reference-rates.ts';
import { MachineProfile } from '../../../lib/contracts/machine-profile.ts';
import { openMachineCache } from '../../../lib/local/machine-cache.ts';
import { openMachineProfile, type ProfileOptions } from '../../../lib/local/machine-profile.ts';
import { scratchFolder } from '../../support/graft.ts';

const idle = { signal: new AbortController().signal, isBusy: () => false, idleMs: 0 };
const MINUTE = 60_000;

/** A program in place of the calibration, which counts how often it ran. */
function machine(prints: (runs: number) => string) {
  const root = scratchFolder();
  const [entry, runs, folder] = [join(root, 'calibrate.mjs'), join(root, 'runs'), join(root, 'cache')];
  mkdirSync(runs);
  writeFileSync(
    entry,
    `import { mkdtempSync, readdirSync } from 'node:fs';
     mkdtempSync(${JSON.stringify(join(runs, 'run-'))});
     const prints = ${prints.toString()};
     process.stdout.write(prints(readdirSync(${JSON.stringify(runs)}).length));`,
  );
  const said: string[] = [];
  const options: ProfileOptions = {
    entry,
    environment: {},
    cache: openMachineCache({ folder, environment: {}, installation: () => [] }),
    log: (event) => said.push(event),
    load: async () => 1,
  };
  return { options, said, folder, runs: () => readdirSync(runs).length };
}

const printed = JSON.stringify({
  measuredAt: new Date().toISOString(),
  runtime: 'wasm',
  cores: 2,
  spread: 1,
  rates: referenceRates.wasm,
});
const printsProfile = new Function(`return () => ${JSON.stringify(printed)}`)();

/** The kept profile, and its time set back. */
function keptIn(folder: string) {
  const [name = ''] = readdirSync(folder);
  const file = join(folder, name);
  const read = () => MachineProfile.parse(JSON.parse(readFileSync(file, 'utf8')));
  return {
    file,
    read,
    age(by: number): void {
      const measuredAt = new Date(Date.now() - by).toISOString();
      writeFileSync(file, JSON.stringify({ ...read(), measuredAt }));
    },
  };
}

test('a machine is measured once, by whichever of several requests is first', async () => {
  const { options, said, runs } = machine(printsProfile);
  const { find } = openMachineProfile(options);
  const [first, second] = await Promise.all([find(), find()]);
  expect(first).toMatchObject({ runtime: 'wasm', rates: referenceRates.wasm });
  expect(second).toBe(first);
  expect(runs()).toBe(1);
  // Whoever waits is told once.
  expect(said).toEqual(['calibration.started']);
});

/** A machine that was measured at a load, and has another one now. */
async function laterMachine(before: number, now: number, program = printsProfile) {
  const { options, ...measuring } = machine(program);
  await openMachineProfile({ ...options, load: async () => before }).find();
  measuring.said.length = 0;
  const later = { ...options, load: async () => now };
  return { ...measuring, later, kept: keptIn(measuring.folder) };
}

test.each([
  ['a busy machine that has less to do now', 3, 0, 11 * MINUTE, 2],
  ['a busy machine, minutes ago', 3, 0, 9 * MINUTE, 1],
  ['a machine as busy as now', 3, 3, 11 * MINUTE, 1],
  ['a quiet machine that is busy now', 0, 6, 11 * MINUTE, 1],
])('a profile of %s (load %d, then %d, %d ms later) is used or measured again: %i measurements', async (...row) => {
  const [, before, now, age, times] = row;
  const { later, kept, runs } = await laterMachine(before, now);
  kept.age(age);
  const profile = await openMachineProfile(later).find();
  expect(runs()).toBe(times);
  expect(profile?.load).toBe(times === 2 ? now : before);
});

test.each([
  ['has as much to do', 1, 1.3, 1],
  ['has more to do', 1, 6, 1],
  ['has less to do', 3, 0, 2],
])('a machine that %s (load %d, then %d) has been measured %i times after a refresh', async (_, before, now, times) => {
  const { later, kept, runs } = await laterMachine(before, now);
  await openMachineProfile(later).refresh(idle);
  expect(runs()).toBe(times);
  expect(kept.read().load).toBe(times === 2 ? now : before);
  // By now the kept profile is one of this load.
  await openMachineProfile(later).refresh(idle);
  expect(runs()).toBe(times);
});

test('a refresh measures a busier machine again after days, as one that is always so busy', async () => {
  const { later, kept, runs } = await laterMachine(0, 6);
  kept.age(4 * 24 * 60 * MINUTE);
  await openMachineProfile(later).refresh(idle);
  expect(runs()).toBe(2);
  expect(kept.read().load).toBe(6);
});

test('a profile has the higher load of those before and after its measurement', async () => {
  const { options } = machine(printsProfile);
  const loads = [0, 3];
  expect(await openMachineProfile({ ...options, load: async () => loads.shift() ?? 0 }).find()).toMatchObject({ load: 3 });
});

test('a refresh that a change of the load disturbs keeps the profile as it was', async () => {
  const { later, kept, runs } = await laterMachine(6, 0);
  const before = kept.read();
  const loads = [0, 0, 6];
  await openMachineProfile({ ...later, load: async () => loads.shift() ?? 0 }).refresh(idle);
  expect(runs()).toBe(2);
  expect(kept.read()).toEqual(before);
});

test('a refresh ends its measurement as soon as there is work, keeps nothing, and may begin again', async () => {
  // Only the first measurement ends by itself.
  const program = new Function(
    `return (runs) => { if (runs === 2) { setInterval(() => {}, 1000); return ''; } return ${JSON.stringify(printed)}; }`,
  )();
  const { later, kept, said, runs } = await laterMachine(6, 0, program);
  const before = kept.read();
  const { refresh } = openMachineProfile(later);
  await refresh({ ...idle, isBusy: () => runs() === 2 });
  expect(runs()).toBe(2);
  expect(kept.read()).toEqual(before);
  expect(said).toEqual([]);
  await refresh(idle);
  expect(runs()).toBe(3);
  expect(kept.read().load).toBe(0);
});

test.each([
  ['there is work before it begins', { ...idle, idleMs: 1e6, isBusy: () => true }],
  ['it cannot be known whether there is work', { ...idle, idleMs: 1e6, isBusy: () => Promise.reject(new Error('no folder')) }],
  ['its signal has aborted', { ...idle, signal: AbortSignal.abort() }],
])('a refresh measures nothing if %s', async (_, when) => {
  const { later, said, runs } = await laterMachine(6, 0);
  await openMachineProfile(later).refresh(when);
  expect(runs()).toBe(1);
  expect(said).toEqual([]);
});

test('a refresh measures nothing on a machine without a profile', async () => {
  const { options, runs } = machine(printsProfile);
  await openMachineProfile(options).refresh(idle);
  expect(runs()).toBe(0);
});

test('a profile that was kept is too old after a week, and one that is no profile is none', async () => {
  const { options, folder, runs } = machine(printsProfile);
  await openMachineProfile(options).find();
  const kept = keptIn(folder);
  kept.age(8 * 24 * 60 * MINUTE);
  await openMachineProfile(options).find();
  expect(runs()).toBe(2);
  writeFileSync(kept.file, '{"load": 1');
  await openMachineProfile(options).find();
  expect(runs()).toBe(3);
});

test('if a measurement fails, the profile of a busy machine is used, and estimates do not wait for another one', async () => {
  const { later, kept, said } = await laterMachine(6, 0);
  kept.age(11 * MINUTE);
  writeFileSync(later.entry, 'process.exit(1)');
  const { find } = openMachineProfile(later);
  expect(await find()).toMatchObject({ load: 6 });
  const now = performance.now();
  const clock = vi.spyOn(performance, 'now');
  onTestFinished(() => clock.mockRestore());
  clock.mockReturnValue(now + 9 * MINUTE);
  expect(await find()).toMatchObject({ load: 6 });
  expect(said).toEqual(['calibration.started', 'calibration.failed']);
  clock.mockReturnValue(now + 11 * MINUTE);
  expect(await find()).toMatchObject({ load: 6 });
  expect(said).toHaveLength(4);
});

test.each([
  ['prints no profile', () => '{}'],
  [
    'ends with an error',
    () => {
      throw new Error('no TensorFlow');
    },
  ],
])('a measurement that %s leaves estimates to the reference rates, and is not repeated at once', async (_, prints) => {
  const { options, said, runs } = machine(prints);
  const { find } = openMachineProfile(options);
  expect(await find()).toBeUndefined();
  expect(await find()).toBeUndefined();
  expect(runs()).toBe(1);
  expect(said).toEqual(['calibration.started', 'calibration.failed']);
});

test('GRAFT_CALIBRATION=off measures nothing', async () => {
  const { options, runs } = machine(printsProfile);
  expect(await openMachineProfile({ ...options, environment: { GRAFT_CALIBRATION: 'off' } }).find()).toBeUndefined();
  expect(runs()).toBe(0);
});
