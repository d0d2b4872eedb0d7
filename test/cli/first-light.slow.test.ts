import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { storeDirectory } from '../../lib/local/data-folder.ts';
import { openEmbeddedStore } from '../../lib/local/embedded-store.ts';
import { systemClock } from '../../lib/store/system-clock.ts';
import { graft, graftJson, scratchFolder, startDev, trashPhotographs } from '../support/graft.ts';

const quick = ['--input-size', '64', '--epochs', '5'];

describe('the way from labelled images to a served model', () => {
  test('one command imports, trains and evaluates; a second job decodes nothing and gives the same bytes', async () => {
    const environment = { GRAFT_DATA_DIR: scratchFolder() };
    const train = () => graftJson(['train', '--dataset', trashPhotographs, '--wait', ...quick], environment);
    const first = await train();
    expect(first).toMatchObject({ state: 'SUCCEEDED', model: 'trash', version: 1, backbone: 'efficientnet_lite0' });
    // Which of the two frozen heads is better by more than chance is not what this is about.
    expect(first.strategy.name).toBe('stage-features');
    expect(first.metrics.test.accuracy).toBeGreaterThan(1 / 6);
    expect(first.features).toMatchObject({ cached: 0, decoded: 60 });

    const second = await train();
    expect(second).toMatchObject({ version: 2, features: { cached: 60, decoded: 0 } });
    const bytes = (report: string) => readFile(join(report, '../model.onnx'));
    expect((await bytes(second.report)).equals(await bytes(first.report))).toBe(true);

    const photograph = join(trashPhotographs, 'metal', (await readdir(join(trashPhotographs, 'metal')))[0] ?? '');
    const answer = await graftJson(['predict', 'trash@1', photograph, '--top', '6'], environment);
    expect(answer).toMatchObject({ model: 'trash', version: 1 });
    const sum = answer.predictions[0].labels.reduce(
      (total: number, { probability }: { probability: number }) => total + probability,
      0,
    );
    expect(sum).toBeCloseTo(1, 5);

    expect((await graftJson(['models'], environment)).models[0].aliases).toEqual({ latest: 2 });
    expect((await graftJson(['jobs'], environment)).jobs).toHaveLength(2);
  });

  test('the same commands speak HTTP to graft dev', async () => {
    const dev = await startDev({ GRAFT_DATA_DIR: scratchFolder() });
    const environment = { GRAFT_API: dev.address };
    const trained = await graftJson(
      ['train', '--dataset', trashPhotographs, '--name', 'served', '--wait', ...quick],
      environment,
    );
    expect(trained).toMatchObject({ state: 'SUCCEEDED', model: 'served', version: 1 });
    const [name = ''] = await readdir(join(trashPhotographs, 'glass'));
    const image = await readFile(join(trashPhotographs, 'glass', name));
    const response = await fetch(`${dev.address}/v1/models/served%3Alatest/predict?topK=2`, {
      method: 'POST',
      body: image,
      headers: { 'content-type': 'image/jpeg' },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ model: 'served', predictions: [{ labels: [{}, {}] }] });
  });
});

describe('bad input gives one clear error, and nothing half-written stays', () => {
  const cases: [string, (folder: string) => Promise<string[]>, string, number][] = [
    ['an empty folder', async (folder) => ['train', '--dataset', folder, '--wait'], 'FOLDER_EMPTY', 1],
    ['a folder that is not there', async (folder) => ['upload', join(folder, 'nothing')], 'FOLDER_NOT_FOUND', 1],
    [
      'too few images of one class',
      async (folder) => ['train', '--dataset', await classes(folder, { only: 3 }), '--wait'],
      'ONE_CLASS_TOO_SMALL',
      1,
    ],
    [
      'a class with one image',
      async (folder) => ['train', '--dataset', await classes(folder, { one: 1, two: 3 }), '--wait'],
      'CLASS_WITH_ONE_IMAGE',
      1,
    ],
    ['files that are no images', async (folder) => ['upload', await textFiles(folder)], 'TOO_MANY_REFUSED', 1],
    ['an unknown data set', async () => ['train', '--dataset', 'nobody', '--wait'], 'DATASET_NOT_FOUND', 1],
    ['an unknown backbone', async () => ['train', '--dataset', trashPhotographs, '--backbone', 'vgg61'], 'BACKBONE_UNKNOWN', 1],
    [
      'an input that is too small',
      async () => ['train', '--dataset', trashPhotographs, '--input-size', '1'],
      'BACKBONE_INPUT_TOO_SMALL',
      1,
    ],
    [
      'a head that does not fit',
      async (folder) => ['train', '--dataset', trashPhotographs, '--head', await file(folder, [])],
      'HEAD_SHAPE',
      1,
    ],
    [
      'a spec with an unknown key',
      async (folder) => ['train', '--dataset', trashPhotographs, '--spec', await file(folder, { epochs: 3 })],
      'UNKNOWN_KEY',
      1,
    ],
    [
      'a spec that is no JSON',
      async (folder) => ['train', '--dataset', trashPhotographs, '--spec', await text(folder, '{')],
      'JSON_INVALID',
      1,
    ],
    ['an unknown model', async () => ['predict', 'nobody', join(trashPhotographs, '../README.md')], 'MODEL_NOT_FOUND', 1],
    ['no data set at all', async () => ['train', '--wait'], 'DATASET_MISSING', 2],
    ['an unknown command', async () => ['trian'], 'USAGE', 2],
    ['a number that is none', async () => ['train', '--epochs', 'many'], 'USAGE', 2],
  ];

  test.each(cases)('%s', async (_, args, code, status) => {
    const environment = { GRAFT_DATA_DIR: scratchFolder() };
    const finished = await graft([...(await args(scratchFolder())), '--json'], environment);
    expect(JSON.parse(finished.stdout)).toMatchObject({ error: { code } });
    expect(finished.status).toBe(status);
    expect(await keysOf(environment.GRAFT_DATA_DIR, ['jobs/', 'active/', 'models/', 'registry/'])).toEqual([]);
  });

  test('a class with one image is only warned of at upload', async () => {
    const report = await graftJson(['upload', await classes(scratchFolder(), { one: 1, two: 3 })], {
      GRAFT_DATA_DIR: scratchFolder(),
    });
    expect(report.warnings.map(({ code }: { code: string }) => code)).toContain('CLASS_WITH_ONE_IMAGE');
  });

  test('a port in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const { status, stdout } = await graft(['dev', '--port', `${port}`, '--json'], { GRAFT_DATA_DIR: scratchFolder() });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'PORT_IN_USE' } });
    expect(status).toBe(1);
  });

  async function keysOf(directory: string, prefixes: readonly string[]): Promise<string[]> {
    const store = openEmbeddedStore({ directory: storeDirectory(directory), clock: systemClock });
    const pages = await Promise.all(prefixes.map((prefix) => store.list(prefix)));
    store.close();
    return pages.flatMap(({ objects }) => objects.map(({ key }) => key));
  }

  async function classes(folder: string, sizes: Record<string, number>): Promise<string> {
    const photographs = (await readdir(join(trashPhotographs, 'metal'))).map((name) => join(trashPhotographs, 'metal', name));
    for (const [label, size] of Object.entries(sizes)) {
      await mkdir(join(folder, label));
      for (const [index, path] of photographs.splice(0, size).entries()) await cp(path, join(folder, label, `${index}.jpg`));
    }
    return folder;
  }

  async function textFiles(folder: string): Promise<string> {
    await mkdir(join(folder, 'class'));
    await writeFile(join(folder, 'class', 'a.jpg'), 'no image');
    return folder;
  }

  async function text(folder: string, content: string): Promise<string> {
    const path = join(folder, 'file.json');
    await writeFile(path, content);
    return path;
  }

  function file(folder: string, value: unknown): Promise<string> {
    return text(folder, JSON.stringify(value));
  }
});
