import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, type TestContext, test } from 'vitest';
import { graftJson, scratchFolder } from '../support/graft.ts';

const { GRAFT_DATA, GRAFT_GOLDENS } = process.env;
const example = (name: string) => fileURLToPath(new URL(`../../docs/examples/${name}.json`, import.meta.url));

describe("VGG16's own weights on 3,000 photographs of 64 pixels", () => {
  test('cut at block 4, a linear head is as good as a linear probe', async (context) => {
    // ImageNet weights that were trained on for edges: blocks 1 to 4 still know what they knew.
    const weights = required(context, { GRAFT_GOLDENS }, '../weights/vgg16-edges.weights.h5');
    const cifar = required(context, { GRAFT_DATA }, 'cifar10');
    const environment = { GRAFT_DATA_DIR: scratchFolder() };
    const flags = ['--backbone', 'vgg16', '--input-size', '64', '--weights', weights, '--strategy', 'earlier-features'];
    const trained = await graftJson(['train', '--dataset', cifar, ...flags, '--wait'], environment);
    expect(trained, JSON.stringify(trained.error)).toMatchObject({ state: 'SUCCEEDED', strategy: { cut: 'block4_pool' } });
    // A logistic regression of scikit-learn on the same features: 0.568.
    expect(trained.metrics.test.accuracy).toBeGreaterThan(0.54);
  });
});

describe('the second exercise on photographs with several labels each', () => {
  test('trains a sigmoid for each label, for its ten epochs', async (context) => {
    const scenes = required(context, { GRAFT_DATA }, 'scenes-multilabel');
    const environment = { GRAFT_DATA_DIR: scratchFolder() };
    const flags = [
      '--dataset',
      scenes,
      '--spec',
      example('exercise-2-multi-label'),
      '--backbone',
      'efficientnet_lite0',
      '--weights',
      'bundled',
    ];
    const trained = await graftJson(['train', ...flags, '--wait'], environment);
    expect(trained, JSON.stringify(trained.error)).toMatchObject({
      state: 'SUCCEEDED',
      strategy: { name: 'feature-extraction' },
    });
    expect(trained.metrics.validation.meanAveragePrecision).toBeGreaterThan(0.6);
    const card = JSON.parse(await readFile(trained.report, 'utf8'));
    expect(card).toMatchObject({ task: 'multi-label', labels: expect.arrayContaining(['desert', 'sea']) });
    expect(JSON.parse(await readFile(join(dirname(trained.report), 'history.json'), 'utf8'))).toHaveLength(10);
  });
});

/**
 * What lies in the folder that a variable names. A test says so where the variable is not set; where it is, the path
 * must be there.
 */
function required(context: TestContext, variable: Readonly<Record<string, string | undefined>>, path: string): string {
  const [[name, folder] = ['']] = Object.entries(variable);
  if (folder === undefined) {
    const reason = `skipped: ${name} is not set, which names the folder of ${path}`;
    process.stderr.write(`${reason}\n`);
    context.skip(reason);
  }
  const found = join(folder ?? '', path);
  if (!existsSync(found)) throw new Error(`${name} is set, and there is no ${found}`);
  return found;
}
