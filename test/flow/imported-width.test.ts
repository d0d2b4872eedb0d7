import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildBackbone } from '../../lib/backbones/build-backbone.ts';
import { writeSafetensors } from '../../lib/safetensors/write-safetensors.ts';
import { graft, graftJson, scratchFolder, trashPhotographs } from '../support/graft.ts';
import { useTensorFlow } from '../support/tensorflow.ts';

useTensorFlow();

const small = ['--strategy', 'feature-extraction', '--input-size', '32', '--epochs', '1'];

test('what graft weights import --alpha suggests trains a backbone of that width with those weights', async () => {
  const directory = scratchFolder();
  const environment = { GRAFT_DATA_DIR: directory };
  const file = join(directory, 'narrow.safetensors');
  await writeFile(file, weightsOf(0.35));
  const { stdout, stderr } = await graft(
    ['weights', 'import', file, '--backbone', 'mobilenet_v2', '--alpha', '0.35'],
    environment,
  );
  const [, hint = ''] = /graft(?: --)? (train .*)/.exec(stdout) ?? [];
  expect(hint, stderr).toContain('--alpha 0.35');
  const args = hint.split(' ').map((word) => (word === 'PATH' ? trashPhotographs : word));
  const trained = await graftJson([...args, '--name', 'narrow', ...small], environment);
  expect(trained).toMatchObject({ state: 'SUCCEEDED' });
  expect(await graftJson(['job', trained.job], environment)).toMatchObject({
    spec: { backbone: { name: 'mobilenet_v2', alpha: 0.35, weights: 'imported' } },
  });
});

/** Random weights of a MobileNet V2 of this width, as a weight file has them. */
function weightsOf(alpha: number): Uint8Array {
  const { model } = buildBackbone({ name: 'mobilenet_v2', alpha, inputSize: 32 });
  const values = model.weights.map((weight) => {
    const tensor = weight.read();
    return [weight.originalName, { shape: tensor.shape, data: tensor.dataSync() as Float32Array }] as const;
  });
  model.dispose();
  return writeSafetensors(new Map(values), {});
}
