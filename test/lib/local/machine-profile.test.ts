import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referenceRates } from '../../../lib/calibration/reference-rates.ts';
import { openMachineCache } from '../../../lib/local/machine-cache.ts';
import { openMachineProfile, type ProfileOptions } from '../../../lib/local/machine-profile.ts';
import { scratchFolder } from '../../support/graft.ts';

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
  const ask = openMachineProfile(options);
  const [first, second] = await Promise.all([ask(), ask()]);
  expect(first).toMatchObject({ runtime: 'wasm', rates: referenceRates.wasm });
  expect(second).toBe(first);
  expect(runs()).toBe(1);
});

test.each([
  ['about as busy as it was', 1.5, 1],
  ['much busier', 6, 2],
])('a machine that is %s: load %d, measured %i times by two processes', async (_, load, times) => {
  const { options, runs } = machine(printsProfile);
  await openMachineProfile(options)();
  await openMachineProfile({ ...options, load: async () => load })();
  expect(runs()).toBe(times);
});

test('a profile that was kept is too old after a week, and one that is no profile is none', async () => {
  const { options, folder, runs } = machine(printsProfile);
  mkdirSync(folder);
  await openMachineProfile(options)();
  const [name = ''] = readdirSync(folder);
  const file = join(folder, name);
  const kept = JSON.parse(readFileSync(file, 'utf8'));
  for (const [i, text] of [
    '{"load": 1',
    JSON.stringify({ ...kept, profile: { ...kept.profile, measuredAt: '2020-01-01T00:00:00.000Z' } }),
  ].entries()) {
    writeFileSync(file, text);
    await openMachineProfile(options)();
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
  const ask = openMachineProfile(options);
  expect(await ask()).toBeUndefined();
  expect(await ask()).toBeUndefined();
  expect(runs()).toBe(1);
  expect(said).toEqual(['calibration.failed']);
});

test('GRAFT_CALIBRATION=off measures nothing', async () => {
  const { options, runs } = machine(printsProfile);
  expect(await openMachineProfile({ ...options, environment: { GRAFT_CALIBRATION: 'off' } })()).toBeUndefined();
  expect(runs()).toBe(0);
});
