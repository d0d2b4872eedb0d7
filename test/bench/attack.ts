import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startControl } from './attack/control.ts';
import { type DevServer, startDevServer } from './attack/dev-server.ts';
import { drawInputs } from './attack/draw-inputs.ts';
import type { HostileInput, Lane, Target } from './attack/hostile-input.ts';
import { startProbe } from './attack/probe.ts';
import { processMemory, resetPeak } from './attack/process-memory.ts';
import { statusOf } from './attack/raw-request.ts';
import { openUploader } from './attack/uploader.ts';
import { type AttackReport, markdownOf, summarize } from './attack-report.ts';
import { machine, type Table } from './bench.ts';
import { graftCommand } from './graft-command.ts';
import { inScratch } from './scratch.ts';
import { workerEnded } from './worker-ended.ts';

const sample = fileURLToPath(new URL('../../assets/sample-trashnet', import.meta.url));
/** Number of inputs of each lane in progress at once. */
const AT_ONCE: Readonly<Record<Lane, number>> = { requests: 16, senders: 24, uploads: 1 };

/** Milliseconds to wait for earlier work to settle. */
const REST_MS = 3_000;

/** Measures whether a server on this machine stays responsive under hostile input, and how much memory it uses. */
export const attack: Table = {
  name: 'attack',
  about: '2,000 hostile inputs against graft dev: health, memory and statuses meanwhile. --seed N --inputs N',
  run: (args) =>
    inScratch(async (folder) => {
      const { values } = parseArgs({
        args: [...args],
        options: { seed: { type: 'string', default: '1' }, inputs: { type: 'string', default: '2000' } },
      });
      const [seed, inputs] = [Number(values.seed), Number(values.inputs)];
      console.error(`seed ${seed}, ${inputs} inputs`);
      const directory = join(folder, 'data');
      await train(directory);
      const server = await startDevServer(directory);
      try {
        const report = summarize(await run(server, folder, { seed, inputs }));
        if (!report.passed) process.exitCode = 1;
        return { markdown: markdownOf(report), json: { ...report, machine: machine() } };
      } finally {
        await server.stop();
      }
    }),
};

/** Trains a model for predictions, and uploads its data set. */
async function train(directory: string): Promise<void> {
  const options = ['--epochs', '1', '--strategy', 'feature-extraction', '--input-size', '64', '--wait'];
  await graftCommand(
    z.looseObject({ state: z.literal('SUCCEEDED') }),
    ['train', '--dataset', sample, '--name', 'sample', ...options],
    directory,
  );
  await workerEnded(directory);
}

async function run(server: DevServer, folder: string, { seed, inputs }: { seed: number; inputs: number }): Promise<AttackReport> {
  const uploader = openUploader(`http://${server.host}:${server.port}`, join(folder, 'uploads'));
  const target: Target = {
    host: server.host,
    port: server.port,
    dataset: 'sample-trashnet',
    model: 'sample',
    upload: uploader.upload,
  };
  const drawn = await drawInputs(seed, inputs);
  await warmUp(target);
  await wait(REST_MS);
  const { now: rest } = processMemory(server.pid);
  resetPeak(server.pid);
  const control = await startControl();
  const [probe, controlProbe] = [startProbe(server), startProbe(control)];
  const answers: AttackReport['answers'] = [];
  const send = async (input: HostileInput) => {
    const began = performance.now();
    const statuses = await input.send(target);
    answers.push({ what: input.what, statuses, seconds: (performance.now() - began) / 1000 });
    if (answers.length % 100 === 0) console.error(`${answers.length} of ${inputs}`);
  };
  const lanes = Object.entries(AT_ONCE).map(([lane, atOnce]) =>
    inParallel(
      drawn.filter((input) => input.lane === lane),
      atOnce,
      send,
    ),
  );
  await Promise.all(lanes);
  const [{ milliseconds, failures }, alone] = await Promise.all([probe.stop(), controlProbe.stop()]);
  control.close();
  const { peak } = processMemory(server.pid);
  const survives = !server.hasEnded() && (await predictsOne(target)) === 200;
  uploader.close();
  return {
    seed,
    answers,
    milliseconds,
    control: alone.milliseconds,
    failures,
    rest,
    peak,
    survives,
    uploaderPeak: uploader.peak(),
    lost: uploader.lost,
  };
}

/** Warms up the server, so that memory it keeps permanently, such as the model, counts as memory at rest. */
async function warmUp(target: Target): Promise<void> {
  for (let times = 0; times < 5; times++) await predictsOne(target);
}

async function predictsOne(target: Target): Promise<number> {
  const [photograph = ''] = await readdir(join(sample, 'metal'));
  const body = await readFile(join(sample, 'metal', photograph));
  return statusOf(target, { path: `/v1/models/${target.model}/predict`, body, headers: { 'content-type': 'image/jpeg' } });
}

async function inParallel<Item>(items: readonly Item[], atOnce: number, act: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const item of rest) await act(item);
    }),
  );
}
