import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { holdWorkerLock } from '../../../lib/local/worker-lock.ts';
import { graft, graftJson, scratchFolder, trashPhotographs } from '../../support/graft.ts';

const Trace = z.looseObject({ traceEvents: z.array(z.looseObject({ name: z.string(), ph: z.string() })) });
const quick = ['--input-size', '64', '--epochs', '2', '--strategy', 'feature-extraction', '--head', 'linear'];

async function namesIn(file: string): Promise<string[]> {
  const { traceEvents } = Trace.parse(JSON.parse(await readFile(file, 'utf8')));
  return traceEvents.filter(({ ph }) => ph === 'X').map(({ name }) => name);
}

test('--profile writes a CPU profile and a timeline, of a training in its worker and of a prediction', async () => {
  const folder = scratchFolder();
  const environment = { GRAFT_DATA_DIR: join(folder, 'data') };
  const profiles = join(folder, 'profiles');
  const { job } = await graftJson(
    ['train', '--dataset', trashPhotographs, ...quick, '--wait', '--profile', profiles],
    environment,
  );
  expect((await readdir(profiles)).sort()).toEqual([`${job}-1.cpuprofile`, `${job}-1.trace.json`]);
  const steps = await namesIn(join(profiles, `${job}-1.trace.json`));
  expect(steps).toEqual(expect.arrayContaining(['features', 'features 60 of 60', 'train', 'evaluate']));
  const cpu = JSON.parse(await readFile(join(profiles, `${job}-1.cpuprofile`), 'utf8'));
  // Which functions are sampled depends on chance, but many of Graft's own are.
  const own = cpu.nodes.filter((node: { callFrame: { url: string } }) => node.callFrame.url.includes('/lib/'));
  expect(own.length).toBeGreaterThan(10);

  const metal = join(trashPhotographs, 'metal');
  const [photograph = ''] = await readdir(metal);
  await graftJson(['predict', 'trash', join(metal, photograph), '--profile', profiles], environment);
  expect(await namesIn(join(profiles, 'predict.trace.json'))).toEqual(['start of the command', 'request']);
  expect(JSON.parse(await readFile(join(profiles, 'predict.cpuprofile'), 'utf8'))).toHaveProperty('samples');
});

test('train --profile needs --wait, and a worker of its own', async () => {
  const directory = join(scratchFolder(), 'data');
  const train = (flags: readonly string[], more = {}) =>
    graft(['train', '--dataset', trashPhotographs, '--profile', 'profiles', '--json', ...flags], {
      GRAFT_DATA_DIR: directory,
      ...more,
    });
  const without = await train([]);
  expect(without.status).toBe(2);
  expect(JSON.parse(without.stdout).error).toMatchObject({ code: 'USAGE', expected: '--wait with it' });

  const remote = await train(['--wait'], { GRAFT_API: 'http://127.0.0.1:1' });
  expect(JSON.parse(remote.stdout).error).toMatchObject({ code: 'PROFILE_UNAVAILABLE' });

  await graft(['jobs'], { GRAFT_DATA_DIR: directory });
  const lock = await holdWorkerLock(directory);
  onTestFinished(() => lock?.close());
  const busy = await train(['--wait']);
  expect(busy.status).toBe(2);
  expect(JSON.parse(busy.stdout).error).toMatchObject({ code: 'PROFILE_UNAVAILABLE', received: 'a running worker' });
});
