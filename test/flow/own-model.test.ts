import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { summarizeOnnx } from '../../lib/onnx/read-onnx.ts';
import { openSession } from '../../lib/onnx/session.ts';
import { graft, graftJson, scratchFolder, startDev, trashPhotographs } from '../support/graft.ts';
import { photographs } from '../support/weights/own-models.ts';

const encoder = (name: string) => fileURLToPath(new URL(`../fixtures/own-models/${name}.onnx`, import.meta.url));
const quick = ['--dataset', trashPhotographs, '--wait', '--epochs', '5'];
const normalized = ['--own-mean', '0.485,0.456,0.406', '--own-std', '0.229,0.224,0.225'];

describe("a user's own encoder", () => {
  const cases: [about: string, flags: string[], side: [number, number]][] = [
    ['a ViT by its class token', [encoder('vit'), ...normalized, '--own-output', 'last_hidden_state', '--head', 'mlp'], [32, 32]],
    ['a ResNet that takes any size, by its map', [encoder('map'), ...normalized, '--input-size', '40x56'], [40, 56]],
    ['a ViT that takes one image only', [encoder('fixed-batch'), ...normalized], [32, 32]],
  ];

  test.each(cases)(
    '%s: a head trains on it, its features are kept, and one graph is served',
    async (_, flags, [height, width]) => {
      const environment = { GRAFT_DATA_DIR: scratchFolder() };
      const train = () => graftJson(['train', '--backbone', ...flags, ...quick], environment);
      const first = await train();
      expect(first).toMatchObject({ state: 'SUCCEEDED', version: 1, backbone: 'own', features: { cached: 0, decoded: 60 } });
      expect(first.strategy).toMatchObject({ name: 'feature-extraction' });
      expect(await train()).toMatchObject({ state: 'SUCCEEDED', version: 2, features: { cached: 60, decoded: 0 } });

      const [name = ''] = await readdir(join(trashPhotographs, 'metal'));
      const image = join(trashPhotographs, 'metal', name);
      const { predictions } = await graftJson(['predict', 'trash', image, '--top', '6'], environment);
      const probabilities: number[] = predictions[0].labels.map(({ probability }: { probability: number }) => probability);
      expect(probabilities.reduce((sum, probability) => sum + probability)).toBeCloseTo(1, 5);

      const card = JSON.parse(await readFile(first.report, 'utf8'));
      expect(card).toMatchObject({ backbone: { name: 'own', inputSize: [height, width] }, input: { height, width } });
      expect(card.backbone.weightsDigest).toBe(card.spec.backbone.own.sha256);
      const served = await readFile(join(first.report, '../model.onnx'));
      expect(summarizeOnnx(served)).toMatchObject({
        inputs: [{ shape: ['N', height, width, 3] }],
        outputs: [
          { name: 'probabilities', shape: ['N', 6] },
          { name: 'novelty', shape: ['N'] },
        ],
      });
      const session = await openSession(served, { optimization: 'disabled' });
      const { data, dims } = await session.run(photographs(3, [height, width]), [3, height, width, 3]);
      await session.close();
      expect(dims).toEqual([3, 6]);
      expect(data.every((probability) => probability >= 0 && probability <= 1)).toBe(true);
    },
  );

  test('with an API elsewhere it is refused before anything is sent; imported once, its spec trains there', async () => {
    const directory = scratchFolder();
    const dev = await startDev({ GRAFT_DATA_DIR: directory });
    const command = ['train', '--backbone', encoder('vit'), ...normalized, '--own-output', 'pooler_output', ...quick];
    expect(await graftJson(command, { GRAFT_API: dev.address })).toMatchObject({ error: { code: 'STORE_NOT_LOCAL' } });

    const { report } = await graftJson(command, { GRAFT_DATA_DIR: directory });
    const { backbone } = JSON.parse(await readFile(report, 'utf8')).spec;
    expect(backbone).toMatchObject({ name: 'own', own: { output: 'pooler_output' } });
    const spec = join(directory, 'spec.json');
    await writeFile(spec, JSON.stringify({ name: 'there', backbone }));
    const there = await graftJson(['train', '--spec', spec, ...quick], { GRAFT_API: dev.address });
    expect(there).toMatchObject({ state: 'SUCCEEDED', model: 'there', features: { cached: 60, decoded: 0 } });
  });
});

describe('what goes wrong is one clear error', () => {
  const cases: [about: string, flags: string[], code: string, status: number][] = [
    ['a model that does not tell its normalization', ['--backbone', encoder('resnet')], 'OWN_MODEL_NORMALIZATION_MISSING', 1],
    ['a file that is not there', ['--backbone', './nothing.onnx'], 'OWN_MODEL_FILE_NOT_FOUND', 1],
    ['its flags without it', ['--backbone', 'vgg16', '--own-layout', 'NCHW'], 'OWN_MODEL_EXPECTED', 2],
    ['a mean of two numbers', ['--backbone', encoder('resnet'), '--own-mean', '0.5,0.5'], 'USAGE', 2],
    ['a pooling that does not exist', ['--backbone', encoder('resnet'), '--own-pooling', 'last-token'], 'USAGE', 2],
  ];

  test.each(cases)('%s: %s', async (_, flags, code, status) => {
    const finished = await graft(['train', ...quick, ...flags, '--json'], { GRAFT_DATA_DIR: scratchFolder() });
    expect(JSON.parse(finished.stdout)).toMatchObject({ error: { code } });
    expect(finished.status).toBe(status);
  });
});
