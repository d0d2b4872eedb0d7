import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { graftJson, main, scratchFolder, startDev, trashPhotographs } from '../../support/graft.ts';
import { connectMcp, type McpConnection } from '../../support/processes/mcp-client.ts';

const photographs = ['glass/glass119.jpg', 'glass/glass221.jpg'].map((path) => join(trashPhotographs, path));

const READING = [
  'list_datasets',
  'get_dataset',
  'estimate',
  'get_job',
  'follow_job',
  'list_models',
  'get_model',
  'get_report',
  'compare_versions',
  'get_retention',
  'predict',
];
const CHANGING = ['import_images', 'train', 'cancel_job', 'promote', 'set_retention', 'end_retention'];

describe('an agent that may change things', { timeout: 600_000 }, () => {
  const folder = scratchFolder({ until: 'file' });
  const environment = { GRAFT_DATA_DIR: join(folder, '.graft') };
  const connect = () => connectMcp(environment, ['--allow-changes']);

  test('gets from a folder to a served model, and predicts with it', async () => {
    const agent = await connect();
    const images = { path: trashPhotographs, name: 'rubbish' };
    // The first call returns at once; the next ones wait for the same import.
    expect(await agent.call('import_images', { ...images, waitSeconds: 0 })).toMatchObject({ state: 'IMPORTING' });
    const imported = await until(agent, 'import_images', images, ({ state }) => state === 'READY');
    expect(imported).toMatchObject({ state: 'READY', dataset: { dataset: 'rubbish', accepted: 60, classCount: 6 } });
    const { datasets } = await agent.call('list_datasets');
    expect(datasets).toMatchObject([{ name: 'rubbish', digest: imported.dataset.digest, images: 60, versionCount: 1 }]);
    expect(await agent.call('get_dataset', { ref: 'rubbish' })).toEqual(imported.dataset);

    const training = { dataset: 'rubbish', name: 'sorter', effort: 'fast', inputSize: 64, maxMinutes: 100 };
    const estimated = await agent.call('estimate', training);
    expect(estimated).toMatchObject({ model: 'sorter', backbone: 'efficientnet_lite0', target: 'local' });
    expect(estimated.range.upper).toBeGreaterThan(0);
    const { id } = await agent.call('train', training);
    const job = await until(agent, 'follow_job', { id }, ({ ended }) => ended);
    expect(job).toMatchObject({ id, kind: 'train', state: 'SUCCEEDED', result: { model: 'sorter@1' } });
    expect(await agent.call('get_job', { id })).toEqual(job);

    const report = await agent.call('get_report', { ref: 'sorter@1' });
    expect(report).toMatchObject({ model: 'sorter', version: 1, evaluated: { part: 'test' }, classCount: 6 });
    expect(report.metrics.accuracy.value).toBe(job.result.metrics.accuracy);
    expect(await agent.call('promote', { ref: 'sorter@1', alias: 'prod' })).toEqual({
      model: 'sorter',
      alias: 'prod',
      version: 1,
      before: null,
    });

    const { predictions } = await agent.call('predict', { ref: 'sorter:prod', images: photographs, explain: true });
    expect(predictions.map(({ image }: { image: string }) => image)).toEqual(photographs);
    expect(predictions[0]).toMatchObject({
      abstained: false,
      known: expect.any(Boolean),
      explanation: { heat: expect.any(Array) },
    });
    expect(predictions[0].explanation).not.toHaveProperty('overlay');
    expect(agent.errors).toEqual([]);
  });

  test('does not pass a gate, unless the user has given a reason', async () => {
    const rules = [{ metric: 'negativeLogLikelihood', max: 0 }];
    const gate = await graftJson(['gate', 'sorter:strict', '--set', JSON.stringify({ rules })], environment);
    expect(gate).toMatchObject({ alias: 'strict', gate: { rules } });
    const agent = await connect();
    const { error } = await agent.call('promote', { ref: 'sorter', alias: 'strict' });
    expect(error).toMatchObject({ code: 'GATE_FAILED', message: expect.stringContaining('negativeLogLikelihood') });
    const forced = await agent.call('promote', { ref: 'sorter', alias: 'strict', force: { reason: 'a demonstration' } });
    expect(forced).toMatchObject({
      version: 1,
      verdict: { passed: false },
      force: { by: expect.stringMatching(/ with graft mcp$/), reason: 'a demonstration' },
    });
    expect(await agent.call('get_model', { ref: 'sorter:strict' })).toMatchObject({
      version: 1,
      alias: { alias: 'strict', gate: { rules } },
    });
  });

  test('compares two versions', async () => {
    const agent = await connect();
    const diff = await agent.call('compare_versions', { before: 'sorter@1', after: 'sorter:prod' });
    expect(diff).toMatchObject({ changeCount: 0, mcnemar: { onlyBefore: 0, onlyAfter: 0 } });
    expect((await agent.call('list_models')).models).toMatchObject([
      { name: 'sorter', aliases: { latest: 1, prod: 1, strict: 1 }, versions: [{ version: 1 }], versionCount: 1 },
    ]);
  });

  test('tries, sets and ends the retention of versions', async () => {
    const agent = await connect();
    const nothing = { model: 'sorter', expired: [], expiredCount: 0, inUse: [], inUseCount: 0, removed: [], removedCount: 0 };
    const setting = { newest: 2, days: 0 };
    expect(await agent.call('get_retention', { model: 'sorter' })).toEqual({ ...nothing, retention: null });
    expect(await agent.call('get_retention', { model: 'sorter', ...setting })).toEqual({ ...nothing, retention: setting });
    expect(await agent.call('get_retention', { model: 'sorter' })).toMatchObject({ retention: null });
    expect(await agent.call('set_retention', { model: 'sorter', ...setting })).toMatchObject({ retention: setting });
    expect(await agent.call('get_retention', { model: 'sorter' })).toMatchObject({ retention: setting });
    expect(await agent.call('end_retention', { model: 'sorter' })).toEqual({ ...nothing, retention: null });
    const { error } = await agent.call('set_retention', { model: 'sorter', newest: 0 });
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', at: 'arguments.newest' });
  });

  test('works with the API at GRAFT_API, too', async () => {
    const { address, token = '' } = await startDev(environment);
    const agent = await connectMcp({
      GRAFT_API: address,
      GRAFT_API_TOKEN: token,
      GRAFT_DATA_DIR: join(scratchFolder(), 'other'),
    });
    const { predictions } = await agent.call('predict', { ref: 'sorter', images: photographs });
    expect(predictions).toMatchObject([{ image: photographs[0] }, { image: photographs[1] }]);
  });

  test('gets the error of a path or a training that is wrong, and the fix', async () => {
    const agent = await connect();
    expect(await agent.call('import_images', { path: '/nowhere/at/all' })).toMatchObject({
      error: { code: 'FOLDER_NOT_FOUND', at: '/nowhere/at/all', fix: 'check the path' },
    });
    expect(await agent.call('train', { dataset: 'rubish' })).toMatchObject({
      error: { code: 'DATASET_NOT_FOUND', fix: expect.stringContaining('rubbish') },
    });
    expect(await agent.call('train', { dataset: '../rubbish' })).toMatchObject({
      error: { code: 'REQUEST_INVALID', at: 'arguments.dataset' },
    });
    expect(agent.log()).toContain('FOLDER_NOT_FOUND');
  });
});

test('ends when its input ends, also while an import goes on', { timeout: 120_000 }, async () => {
  const environment = { ...process.env, GRAFT_DATA_DIR: join(scratchFolder(), '.graft') };
  const run = promisify(execFile)(process.execPath, [main, 'mcp', '--allow-changes'], { env: environment });
  const { stdin, stdout } = run.child;
  const send = (message: object) => stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  // An earlier version of the protocol, which most clients speak.
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
  send({ id: 1, method: 'initialize', params });
  send({ method: 'notifications/initialized' });
  send({
    id: 2,
    method: 'tools/call',
    params: { name: 'import_images', arguments: { path: trashPhotographs, waitSeconds: 0 } },
  });
  let answers = '';
  stdout?.on('data', (chunk) => {
    answers += chunk;
    if (answers.includes('IMPORTING')) stdin?.end();
  });
  // It would reject for any other status than 0.
  const lines = (await run).stdout.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { id: 1, result: { protocolVersion: '2025-06-18', serverInfo: { name: 'graft' } } },
    { id: 2, result: { structuredContent: { state: 'IMPORTING' } } },
  ]);
});

describe('a read-only server', { timeout: 120_000 }, () => {
  test('has no tool that changes anything', async () => {
    const agent = await connectMcp({ GRAFT_DATA_DIR: join(scratchFolder(), '.graft') });
    const { tools } = await agent.client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([...READING].sort());
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true)).toEqual([]);
    await expect(agent.client.callTool({ name: 'train', arguments: { dataset: 'rubbish' } })).rejects.toThrow('train not found');
    expect(await agent.call('list_datasets')).toEqual({ datasets: [] });
  });

  test('predicts image files, and tells nothing of other files', async () => {
    const folder = scratchFolder();
    const secret = join(folder, 'secret.png');
    writeFileSync(secret, 'password=hunter2');
    const agent = await connectMcp({ GRAFT_DATA_DIR: join(folder, '.graft') });
    const { error } = await agent.call('predict', { ref: 'sorter', images: [secret] });
    expect(error).toMatchObject({ code: 'IMAGE_FORMAT_UNSUPPORTED', at: secret, received: 'another file' });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  test('ends when its input ends, and prints nothing else on standard output', async () => {
    const environment = { ...process.env, GRAFT_DATA_DIR: join(scratchFolder(), '.graft') };
    const run = promisify(execFile)(process.execPath, [main, 'mcp'], { env: environment });
    run.child.stdin?.end();
    const { stdout, stderr } = await run;
    expect(stdout).toBe('');
    expect(stderr).toContain(`${READING.length} tools`);
  });
});

test('with --allow-changes, a tool says whether it changes something', async () => {
  const agent = await connectMcp({ GRAFT_DATA_DIR: join(scratchFolder(), '.graft') }, ['--allow-changes']);
  const { tools } = await agent.client.listTools();
  expect(tools.map(({ name }) => name).sort()).toEqual([...READING, ...CHANGING].sort());
  const hints = new Map(tools.map(({ name, annotations }) => [name, annotations]));
  for (const name of READING) expect(hints.get(name)).toMatchObject({ readOnlyHint: true, destructiveHint: false });
  expect(hints.get('import_images')).toMatchObject({ readOnlyHint: false, destructiveHint: false, idempotentHint: true });
  expect(hints.get('train')).toMatchObject({ readOnlyHint: false, destructiveHint: false, idempotentHint: false });
  expect(hints.get('cancel_job')).toMatchObject({ readOnlyHint: false, destructiveHint: true, idempotentHint: true });
  for (const name of ['promote', 'set_retention'])
    expect(hints.get(name)).toMatchObject({ readOnlyHint: false, destructiveHint: true, idempotentHint: true });
  expect(hints.get('end_retention')).toMatchObject({ readOnlyHint: false, destructiveHint: false, idempotentHint: true });
});

/** Calls a tool, which waits, until its result is as wanted. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests look at
async function until(agent: McpConnection, name: string, args: object, isDone: (value: any) => boolean): Promise<any> {
  for (;;) {
    const value = await agent.call(name, { ...args });
    // A failed job has an error, too, but has ended.
    if (isDone(value)) return value;
    if (value.error !== undefined) throw new Error(`${name}: ${JSON.stringify(value)}`);
  }
}
