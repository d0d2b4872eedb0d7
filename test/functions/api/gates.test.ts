import { describe, expect, test } from 'vitest';
import { gate as gateCommand } from '../../../cli/commands/gate.ts';
import { createClient } from '../../../lib/client/client.ts';
import { apiSystem, ask } from '../../support/api.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { silent } from '../../support/silent.ts';

const alias = '/v1/models/scored/aliases/prod';
const rules = [{ metric: 'accuracy', maxLoss: 0.01 }];

async function twoVersions() {
  const { api, world } = apiSystem();
  const labels = ['cat', 'dog'];
  await publishScored(world, { labels, number: 1, predict: ({ label }) => label });
  await publishScored(world, { labels, number: 2, predict: () => 'cat' });
  await ask(api, `PUT ${alias}`, { version: 1 });
  return { api, world };
}

describe('the gate of an alias', () => {
  test('is set, read and removed', async () => {
    const { api } = await twoVersions();
    expect((await ask(api, `GET ${alias}/gate`)).json).toMatchObject({ status: 404, code: 'GATE_NOT_FOUND' });
    expect((await ask(api, `PUT ${alias}/gate`, { rules })).json).toEqual({ model: 'scored', alias: 'prod', gate: { rules } });
    expect((await ask(api, `GET ${alias}/gate`)).json.gate).toEqual({ rules });
    expect((await ask(api, `GET ${alias}`)).json).toMatchObject({ version: 1, gate: { rules } });
    // The record of the model stays small.
    expect((await ask(api, 'GET /v1/models/scored')).json).not.toHaveProperty('gates');
    expect((await ask(api, `DELETE ${alias}/gate`)).json).toMatchObject({ name: 'scored', aliases: { prod: 1 } });
    expect((await ask(api, `DELETE ${alias}/gate`)).status).toBe(404);
  });

  test('refuses a version that does not meet it, and lets it pass by force', async () => {
    const { api } = await twoVersions();
    await ask(api, `PUT ${alias}/gate`, { rules });
    expect((await ask(api, `PUT ${alias}`, { version: 2 })).json).toMatchObject({
      status: 409,
      code: 'GATE_FAILED',
      received: ['accuracy: expected a loss of at most 1.00 points, received 50.00 points, from 100.00% to 50.00%'],
    });
    expect((await ask(api, `PUT ${alias}`, { version: 2, force: { by: 'ada' } })).json).toMatchObject({
      status: 400,
      at: 'force.reason',
    });
    const force = { by: 'ada', reason: 'cats only from now on' };
    expect((await ask(api, `PUT ${alias}`, { version: 2, force })).json).toMatchObject({ version: 2, previous: [1] });
    expect((await ask(api, `POST ${alias}/rollback`)).json).toMatchObject({
      version: 1,
      history: [{ to: 1 }, { from: 1, to: 2, force, verdict: { passed: false, failureCount: 1 } }, { kind: 'rollback', to: 1 }],
    });
  });

  test.each([
    [{ rules: [] }, 'rules'],
    [{ rules: [{ metric: 'acuracy', min: 1 }] }, 'rules.0.metric'],
    [{ rules: [{ metric: 'recall', label: 'bird', min: 1 }] }, 'rules.0.label'],
  ])('that says %j is refused', async (body, at) => {
    const { api } = await twoVersions();
    expect((await ask(api, `PUT ${alias}/gate`, body)).json).toMatchObject({ status: 400, at });
  });

  test('is set and shown by graft gate', async () => {
    const { api } = await twoVersions();
    const told: string[] = [];
    const context = { client: createClient(api), wakeWorker: () => {}, store: undefined, locate: String, close: async () => {} };
    const output = { ...silent, result: (_: unknown, text: string) => void told.push(text) };
    const run = (options = {}) => gateCommand('scored:prod', options, context, output);
    await run({ set: JSON.stringify({ rules: [...rules, { metric: 'recall', perClass: true, maxLoss: 'interval' }] }) });
    await run();
    expect(told[1]).toBe(told[0]);
    expect(told[1]).toMatch(
      /^ {2}accuracy: a loss of at most 1\.00 points\n {2}recall of each class: no loss beyond the 95% interval$/m,
    );
    await run({ remove: true });
    await expect(run()).rejects.toMatchObject({ code: 'GATE_NOT_FOUND' });
    await expect(run({ set: '{"rules": [' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(gateCommand('scored', {}, context, output)).rejects.toMatchObject({ code: 'ALIAS_EXPECTED' });
  });
});
