import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { datasetFrom } from '../../../cli/commands/dataset-from.ts';
import { drift as driftCommand } from '../../../cli/commands/drift.ts';
import { keep } from '../../../cli/commands/keep.ts';
import type { Context } from '../../../cli/context.ts';
import type { Output } from '../../../cli/output.ts';
import { createClient } from '../../../lib/client/client.ts';
import type { OpenSession } from '../../../lib/inference/served-model.ts';
import { readVersion } from '../../../lib/models/registry.ts';
import { topLabels } from '../../../lib/reports/measure/top-labels.ts';
import { requireScores } from '../../../lib/reports/read-scores.ts';
import { apiSystem, ask, picture, publishConstant } from '../../support/api.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { keepPredictions, predictionOf } from '../../support/models/keep-predictions.ts';
import { publishScored } from '../../support/models/scored-model.ts';
import { silent } from '../../support/silent.ts';

const labels = ['a', 'b', 'c'];
const url = '/v1/models/scored/keeping';

/** A model that is sure of `b`. */
const certain: OpenSession = async () => ({
  inputs: [],
  outputs: [],
  run: async (_, [images = 0]) => ({
    data: Float32Array.from({ length: images * 3 }, (_, at) => (at % 3 === 1 ? 0.9 : 0.05)),
    dims: [images, 3],
    further: [],
  }),
  close: async () => {},
});

async function served() {
  const system = apiSystem({ openSession: certain });
  await publishScored(system.world, { labels, perClass: 30 });
  const client = createClient(system.api);
  const context: Context = {
    client,
    wakeWorker: () => {},
    store: system.world.store,
    locate: (key) => key,
    close: async () => {},
  };
  return { ...system, client, context };
}

/** An output that remembers results. */
function recorded() {
  const results: unknown[] = [];
  const texts: string[] = [];
  const output: Output = {
    ...silent,
    result(value, text) {
      results.push(value);
      texts.push(text);
    },
  };
  return { output, results, texts };
}

describe('keeping predictions', () => {
  test('is off by default, is set and changed, and its setting is no part of the model in responses', async () => {
    const { api, client } = await served();
    expect((await ask(api, `GET ${url}`)).json).toEqual({ model: 'scored', keeping: null });
    const set = await ask(api, `PUT ${url}`, { images: true });
    const since = '2030-01-01T00:00:00.000Z';
    expect(set.json).toEqual({ model: 'scored', keeping: { share: 0.1, perDay: 1000, images: true, days: 30, since } });
    expect((await ask(api, `PUT ${url}`, { share: 1 })).json.keeping).toMatchObject({ share: 1, images: false, since });
    expect((await ask(api, 'GET /v1/models/scored')).json).not.toHaveProperty('keeping');
    expect(await client.models.endKeeping('scored')).toEqual({ model: 'scored', keeping: null });
  });

  test.each([
    [{ share: 1.1 }, 'share'],
    [{ perDay: 0 }, 'perDay'],
    [{ perDay: 10_001 }, 'perDay'],
    [{ days: 366 }, 'days'],
    [{ shares: 0.1 }, 'body'],
  ])('refuses %j', async (body, at) => {
    const { api } = await served();
    expect((await ask(api, `PUT ${url}`, body)).json).toMatchObject({ status: 400, at });
  });

  test.each(['GET', 'PUT', 'DELETE'] as const)('of a model that does not exist is not found: %s', async (method) => {
    const { api } = await served();
    const body = method === 'PUT' ? {} : undefined;
    expect((await ask(api, `${method} /v1/models/nobody/keeping`, body)).json).toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  test('keeps what is predicted from then on, under the version that predicted, and changes no prediction', async () => {
    const { client, keeper } = await served();
    const images = [{ name: 'secret-name.png', bytes: await picture() }];
    const before = await client.models.predict('scored', images, { topK: 1 });
    await client.models.setKeeping('scored', { share: 1, images: true });
    expect(await client.models.predict('scored', images, { topK: 1 })).toEqual(before);
    expect(await client.models.predict('scored', images, { topK: 1, keep: false })).toEqual(before);
    await keeper.close();
    const { predictions } = await client.models.keptPredictions('scored@1');
    expect(predictions).toMatchObject([{ label: 'b', imageBytes: images[0]?.bytes.length }]);
    expect(predictions[0]?.confidence).toBeCloseTo(0.9, 6);
    expect(JSON.stringify(predictions)).not.toContain('secret');
    const [{ image } = {}] = predictions;
    if (image === undefined) throw new Error('no image');
    expect(Buffer.from(await client.fetchFile(image))).toEqual(Buffer.from(images[0]?.bytes ?? []));
  });

  test('ends with everything that was kept, at once for readers', async () => {
    const { client, keeper, context } = await served();
    const { output, results, texts } = recorded();
    await keep('scored', { share: 1, images: true }, context, output);
    await client.models.predict('scored', [{ name: 'a', bytes: await picture() }]);
    await keeper.close();
    expect((await client.models.keptPredictions('scored')).predictions).toHaveLength(1);
    await keep('scored', { off: true }, context, output);
    expect(results.at(-1)).toEqual({ model: 'scored', keeping: null });
    await keep('scored', { share: 1 }, context, output);
    expect((await client.models.keptPredictions('scored')).predictions).toEqual([]);
    await keep('scored', {}, context, output);
    expect(texts.at(-1)).toContain('100.0% of its predictions without images');
    await expect(keep('scored', { off: true, share: 1 }, context, output)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('graft drift', () => {
  test('says what changed, and what to do then', async () => {
    const { api, context, world } = await served();
    await ask(api, `PUT ${url}`, { share: 1, perDay: 10_000 });
    expect((await ask(api, 'GET /v1/models/scored/drift')).json).toMatchObject({
      status: 409,
      code: 'KEPT_PREDICTIONS_TOO_FEW',
      expected: 'at least 50 predictions that scored@1 has kept in the last 7 days',
      received: 0,
      fix: 'predict more images, or count more days',
    });
    await keepPredictions(
      world,
      Array.from({ length: 80 }, () => predictionOf('a', 0.35)),
    );
    const { output, results, texts } = recorded();
    expect(await driftCommand('scored', {}, context, output)).toBe(0);
    expect(results).toMatchObject([{ drifted: true, kept: { predictions: 80, days: 7 } }]);
    expect((await ask(api, 'GET /v1/models/scored%401/drift?days=1')).json).toMatchObject({
      ...(results[0] as object),
      kept: {},
    });
    expect(texts[0]).toContain('scored@1: drift: predicted classes, confidence changed, by 80 kept predictions of 7 days');
    expect(texts[0]).toContain('No test of the novelty score: The model has no novelty score.');
    expect(texts[0]).toContain('graft dataset-from scored@1 --unknown --unsure --name NAME');
    expect(texts[0]).not.toContain('only larger effects');
    await driftCommand('scored', { days: 3 }, context, output);
    expect(texts[1]).toContain('graft dataset-from scored@1 --unknown --unsure --days 3 --name NAME');
  });

  test('that finds nothing says how large a change must be to be found, and how to look at the last days alone', async () => {
    const { context, client, world } = await served();
    await client.models.setKeeping('scored', { share: 1, perDay: 10_000 });
    const scored = await requireScores(await readVersion('scored', 1, world.store), world.store);
    const { classes, confidences } = topLabels(scored.scores);
    const usual = classes.map((of, row) => predictionOf(labels[of] ?? '', confidences[row] ?? 0));
    await keepPredictions(world, usual);
    const { output, texts } = recorded();
    await driftCommand('scored', {}, context, output);
    expect(texts[0]).toContain('no drift found');
    expect(texts[0]).not.toContain('--days');
    await world.clock.advance(86_400);
    const unsure = labels.flatMap((label) => Array.from({ length: 8 }, () => predictionOf(label, 0.35)));
    await keepPredictions(world, [...usual.slice(0, 30), ...unsure]);
    await driftCommand('scored', {}, context, output);
    expect(texts[1]).toMatch(
      /^With 90 test images and 144 kept predictions, only larger effects are beyond chance: from 0\.2\d in confidence\.$/m,
    );
    expect(texts[1]).toMatch(/ {2}graft drift scored@1 --days 4$/);
    await driftCommand('scored', { days: 1 }, context, output);
    expect(texts[2]).toContain('drift: confidence changed');
  });
});

describe('graft dataset-from', () => {
  const filesOf = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

  test('writes kept images into folders of the suggested labels, and unknown ones into one of their own', async () => {
    const { context, client, world } = await served();
    await client.models.setKeeping('scored', { share: 1, perDay: 10_000, images: true });
    const png = await picture();
    const kept = [predictionOf('a', 0.99, 0.2), predictionOf('b', 0.3, 0.2), predictionOf('b', 0.99, 5)];
    await keepPredictions(world, kept, { bytes: () => png });
    const all = join(temporaryFolder(), 'all');
    const { output, results, texts } = recorded();
    await datasetFrom('scored', { name: all }, context, output);
    expect(texts[0]).toMatch(/^ {2}graft upload FOLDER --name scored$/m);
    expect(results).toMatchObject([{ model: 'scored', version: 1, images: 3, folder: all }]);
    expect(filesOf(all).map((file) => file.replace(/-\d{5}\./, '-N.'))).toEqual([
      'a',
      'a/2030-01-01-N.png',
      'b',
      'b/2030-01-01-N.png',
      'unknown',
      'unknown/2030-01-01-N.png',
    ]);
    const some = join(temporaryFolder(), 'some');
    await datasetFrom('scored', { name: some, unsure: true, unknown: true }, context, output);
    expect(filesOf(some).filter((file) => !file.includes('/'))).toEqual(['b', 'unknown']);
    await expect(datasetFrom('scored', { name: some }, context, output)).rejects.toMatchObject({ code: 'FOLDER_NOT_EMPTY' });
  });

  test('writes a manifest where labels cannot be folders', async () => {
    const { context, client, world } = await served();
    await publishScored(world, { labels: ['a:b', 'b'], number: 2 });
    await client.models.setKeeping('scored', { share: 1, perDay: 10_000, images: true });
    const png = await picture();
    await keepPredictions(world, [predictionOf('a:b', 0.9)], { version: 2, bytes: () => png });
    const folder = join(temporaryFolder(), 'kept');
    await datasetFrom('scored@2', { name: folder }, context, silent);
    const [, file, ...rest] = filesOf(folder);
    expect(rest).toEqual(['manifest.jsonl']);
    expect(JSON.parse(readFileSync(join(folder, 'manifest.jsonl'), 'utf8'))).toEqual({ path: file, label: 'a:b' });
  });

  test.each([{ id: '2030-01-01/../../../outside' }, { id: '../2030-01-01/00001' }, { label: '../../outside' }, { label: 'd' }])(
    'writes nothing of an API whose answer is none of Graft: %j',
    async (hostile) => {
      const { context, api, client, world } = await served();
      await client.models.setKeeping('scored', { share: 1, perDay: 10_000, images: true });
      const png = await picture();
      await keepPredictions(world, [predictionOf('a', 0.9)], { bytes: () => png });
      const changed = createClient(async (request) => {
        const response = await api(request);
        if (!request.url.includes('/kept-predictions')) return response;
        const list = JSON.parse(new TextDecoder().decode(response.body));
        const predictions = list.predictions.map((one: object) => ({ ...one, ...hostile }));
        return { ...response, body: new TextEncoder().encode(JSON.stringify({ ...list, predictions })) };
      });
      const parent = temporaryFolder();
      await expect(
        datasetFrom('scored', { name: join(parent, 'kept') }, { ...context, client: changed }, silent),
      ).rejects.toMatchObject({ code: 'API_RESPONSE_UNREADABLE' });
      expect(readdirSync(parent)).toEqual([]);
    },
  );

  test('writes nothing if no image was kept', async () => {
    const { context, world } = await served();
    await publishConstant(world.store, 'other');
    const parent = temporaryFolder();
    await expect(datasetFrom('scored', { name: join(parent, 'none') }, context, silent)).rejects.toMatchObject({
      code: 'KEPT_IMAGES_MISSING',
      fix: expect.stringContaining('graft keep scored --images'),
    });
    expect(readdirSync(parent)).toEqual([]);
  });
});
