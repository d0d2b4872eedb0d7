import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referenceRates } from '../../../lib/calibration/reference-rates.ts';
import { openMachineCache } from '../../../lib/local/machine-cache.ts';
import { openMachineProfile, type ProfileOptions } from '../../../lib/local/machine-profile.ts';
import { scratchFolder } from '../../support/graft.ts';

const never = new AbortController().signal;

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

const profile = (runtime: string) => ({
  measuredAt: new Date().toISOString(),
  runtime,
  cores: 2,
  load: 1,
  spread: 1,
  rates: referenceRates.wasm,
});
const printsProfile = new Function(`return () => ${JSON.stringify(JSON.stringify(profile('wasm')))}`)();

test('a machine is measured once, by whichever of several requests is first', async () => {
  const { options, runs } = machine(printsProfile);
  const { find } = openMachineProfile(options);
  const [first, second] = await Promise.all([find(), find()]);
  expect(first).toMatchObject({ runtime: 'wasm', rates: referenceRates.wasm });
  expect(second).toBe(first);
  expect(runs()).toBe(1);
});

test.each([
  ['about as busy as it was', 1.5, 1],
  ['much busier', 6, 2],
])(
  'a machine that is %s (load %d) keeps its profile for requests, and a refresh has measured %i times',
  async (_, load, times) => {
    const { options, runs } = machine(printsProfile);
    const first = await openMachineProfile(options).find();
    const later = openMachineProfile({ ...options, load: async () => load });
    expect(await later.find()).toEqual(first);
    expect(runs()).toBe(1);
    await later.refresh(never);
    expect(runs()).toBe(times);
    // By now the kept profile is one of this load.
    await openMachineProfile({ ...options, load: async () => load }).refresh(never);
    expect(runs()).toBe(times);
  },
);

test('a refresh that a change of the load disturbs keeps the profile as it was', async () => {
  const { options, folder, runs } = machine(printsProfile);
  await openMachineProfile(options).find();
  const kept = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const before = kept();
  const loads = [6, 12];
  await openMachineProfile({ ...options, load: async () => loads.shift() ?? 0 }).refresh(never);
  expect(runs()).toBe(2);
  expect(kept()).toEqual(before);
});

test('a refresh measures nothing on a machine without a profile, and ends with its signal', async () => {
  const { options, said, runs } = machine(printsProfile);
  const refresh = (signal: AbortSignal) => openMachineProfile({ ...options, load: async () => 6 }).refresh(signal);
  await refresh(never);
  expect(runs()).toBe(0);
  await openMachineProfile(options).find();
  await refresh(AbortSignal.abort());
  expect(runs()).toBe(1);
  expect(said).toEqual([]);
});

test('a profile that was kept is too old after a week, and one that is no profile is none', async () => {
  const { options, folder, runs } = machine(printsProfile);
  mkdirSync(folder);
  await openMachineProfile(options).find();
  const [name = ''] = readdirSync(folder);
  const file = join(folder, name);
  const kept = JSON.parse(readFileSync(file, 'utf8'));
  for (const [i, text] of [
    '{"load": 1',
    JSON.stringify({ ...kept, profile: { ...kept.profile, measuredAt: '2020-01-01T00:00:00.000Z' } }),
  ].entries()) {
    writeFileSync(file, text);
    await openMachineProfile(options).find();
    expect(runs()).toBe(i + 2);
  }
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
  expect(said).toEqual(['calibration.failed']);
});

test('GRAFT_CALIBRATION=off measures nothing', async () => {
  const { options, runs } = machine(printsProfile);
  expect(await openMachineProfile({ ...options, environment: { GRAFT_CALIBRATION: 'off' } }).find()).toBeUndefined();
  expect(runs()).toBe(0);
});
