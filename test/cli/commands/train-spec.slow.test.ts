import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { graftJson, scratchFolder, trashPhotographs } from '../../support/graft.ts';

const weights = fileURLToPath(new URL('../../../assets/efficientnet-lite0.safetensors', import.meta.url));

test('a weight file of the command line is for the backbone that the spec names', async () => {
  const directory = scratchFolder();
  const spec = join(directory, 'spec.json');
  const train = (backbone: unknown) =>
    writeFile(spec, JSON.stringify({ dataset: 'trash', backbone })).then(() =>
      graftJson(['train', '--spec', spec, '--weights', weights, '--dry-run'], { GRAFT_DATA_DIR: directory }),
    );
  await graftJson(['upload', trashPhotographs, '--name', 'trash'], { GRAFT_DATA_DIR: directory });
  const { spec: resolved } = await train({ name: 'efficientnet_lite0', inputSize: 64 });
  expect(resolved.backbone).toMatchObject({
    name: 'efficientnet_lite0',
    inputSize: [64, 64],
    weights: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect((await train({ inputSize: 64 })).spec.backbone).toEqual(resolved.backbone);
  expect(await train({ name: 'vgg16' }), 'weights of another network').toMatchObject({ error: { code: 'WEIGHTS_MISMATCH' } });
  expect(await train('vgg16'), 'a spec that is wrong').toMatchObject({
    error: { code: 'SPEC_EXPECTED', at: `${spec}: backbone` },
  });
});
