import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { JobSpec, type JobSpec as Spec } from '../../lib/contracts/job-spec.ts';
import { buildHead } from '../../lib/heads/build-head.ts';
import { headLayers } from '../../lib/heads/presets.ts';
import { readPage, root } from '../support/docs/pages.ts';
import { useTensorFlow } from '../support/tensorflow.ts';

useTensorFlow();

/** The example as the job's record would have it. */
function read(name: string): Spec {
  const example = JSON.parse(readFileSync(join(root, 'docs', 'examples', `${name}.json`), 'utf8'));
  return JobSpec.parse({ name: 'tutorial', dataset: 'cifar10', ...example });
}

/** What Keras does where the tutorial says nothing, and what the tutorial says: any default of Graft's own would show here. */
const training = {
  optimizer: { name: 'adam', learningRate: 0.0001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7, amsgrad: false },
  schedule: { name: 'constant' },
  epochs: 10,
  batchSize: 64,
  gradientAccumulation: 1,
  loss: { name: 'crossEntropy' },
  classWeights: 'none',
  augment: 'none',
  labelSmoothing: 0,
  earlyStopping: null,
  refit: false,
};
const files = ['tutorial', 'tutorial-frozen', 'exercise-1-backbone', 'exercise-2-multi-label', 'exercise-3-head'];

describe("the tutorial's examples", () => {
  test.each(files)('%s trains with its numbers, and with nothing of our own', (name) => {
    const spec = read(name);
    expect(spec.training).toMatchObject(training);
    expect(spec.training.mix).toBeUndefined();
    expect(spec.backbone).toMatchObject({ inputSize: 64, weights: 'imagenet' });
    expect(spec.split.test).toBe(0);
  });

  test('freeze nothing in its code, everything in its text, and differ in one word in the exercises', () => {
    const [literal, frozen, backbone, labels, head] = files.map(read);
    expect([literal?.freeze, frozen?.freeze]).toEqual(['none', 'all']);
    expect({ ...literal, freeze: 'all' }).toEqual(frozen);
    expect({ ...frozen, backbone: { ...frozen?.backbone, name: 'resnet50' } }).toEqual(backbone);
    expect({ ...frozen, task: 'multi-label' }).toEqual(labels);
    expect({ ...frozen, head: head?.head }).toEqual(head);
  });

  test('build its head: Flatten, Dense(1024, relu), Dropout(0.5), Dense(10) on the 2x2x512 map of VGG16 at 64 pixels', () => {
    const head = buildHead(headLayers(read('tutorial').head), [2, 2, 512], { classes: 10, seed: 0 });
    const layers = head.layers.map((layer) => layer.getClassName());
    expect(layers).toEqual(['InputLayer', 'Flatten', 'Dense', 'Dropout', 'Dense']);
    expect(head.countParams()).toBe(2048 * 1024 + 1024 + 1024 * 10 + 10);
    head.dispose();
  });

  test('build the head of the third exercise', () => {
    const head = buildHead(headLayers(read('exercise-3-head').head), [2, 2, 512], { classes: 10, seed: 0 });
    const layers = head.layers.map((layer) => layer.getClassName());
    const block = ['Dense', 'BatchNormalization', 'Dropout'];
    expect(layers).toEqual(['InputLayer', 'Flatten', ...block, ...block, 'Dense']);
    head.dispose();
  });
});

test('every file that the commands of docs/tutorial.md name is in a clone, or the page says how to copy one', () => {
  const { sections } = readPage('docs/tutorial.md');
  const commands = sections.flatMap(({ blocks }) => blocks.map(({ text }) => text)).join('\n');
  const named = [...commands.matchAll(/(?<=--dataset )\S+|\S+\.(?:json|jpg)\b/g)].map(([file]) => file);
  const copies = sections.flatMap(({ text }) => [...text.matchAll(/`cp (?:-r )?(\S+) (\S+)`/g)]);
  const copied = new Map(copies.map(([, from = '', to = '']) => [to, from]));
  expect(named).toEqual(expect.arrayContaining(['flowers', 'photo.jpg']));
  expect(named.filter((file) => !existsSync(join(root, copied.get(file) ?? file)))).toEqual([]);
});
