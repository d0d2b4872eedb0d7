/** A small part of `npm run bench -- attack`, in one process: it asserts statuses, and nothing about time or memory. */
import { expect, onTestFinished, test } from 'vitest';
import { serve } from '../../../functions/local/serve.ts';
import { drawInputs } from '../../bench/attack/draw-inputs.ts';
import type { Target } from '../../bench/attack/hostile-input.ts';
import { plainRequest, rawRequest } from '../../bench/attack/raw-request.ts';
import { apiSystem, constantSession, importTwo, publishConstant } from '../../support/api.ts';

const INPUTS = 120;
const SEED = 7;
/** What needs the command and a worker is left to the bench. */
const MIX = { images: 4, datasets: 0, archives: 0, manifests: 0, specs: 3, bodies: 4, senders: 3, hosts: 4 };

test(`${INPUTS} hostile inputs: each is answered or its connection closed, and none blames the server`, async () => {
  const { api, world } = apiSystem({ openSession: constantSession });
  await publishConstant(world.store, 'two');
  await importTwo(world);
  const timeouts = { idleMs: 100, bytesPerSecond: 1e6, totalMs: 1_000 };
  const server = await serve(api, { host: '127.0.0.1', port: 0, bodyTimeouts: { api: timeouts, upload: timeouts } });
  onTestFinished(() => server.close());
  const address = { host: '127.0.0.1', port: Number(new URL(server.address).port) };
  const target: Target = { ...address, dataset: 'two', model: 'two', upload: async () => [] };

  const inputs = await drawInputs(SEED, INPUTS, MIX);
  const answers = await Promise.all(inputs.map(async (input) => ({ what: input.what, statuses: await input.send(target) })));

  expect(answers.filter(({ statuses }) => statuses.some((status) => status >= 500))).toEqual([]);
  const statuses = new Set(answers.flatMap((answer) => answer.statuses));
  expect([...statuses]).toEqual(expect.arrayContaining([400, 404, 408, 413, 421, 422]));
  expect((await rawRequest(address, [plainRequest(address, { method: 'GET', path: '/v1/health' })])).status).toBe(200);
});
