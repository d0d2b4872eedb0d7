import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { readRecipe } from '../../../infra/native/recipe.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const dockerfile = readFileSync(join(root, 'infra/images/train/Dockerfile'), 'utf8');

describe('the training image', () => {
  it('has the TensorFlow and the tfjs-node of the native build, for GPUs', async () => {
    const [cpu, gpu] = await Promise.all(['infra/native', 'infra/images/train'].map((folder) => readRecipe(join(root, folder))));
    expect(gpu?.package).toBe(`${cpu?.package}-gpu`);
    expect([cpu?.packageVersion, gpu?.packageVersion]).toEqual([tf.version_core, tf.version_core]);
    expect(gpu?.wheels[0]).toMatchObject({ name: 'tensorflow', version: cpu?.wheels[0]?.version });
  });

  it('has every wheel of CUDA for one version of CUDA', async () => {
    const { wheels } = await readRecipe(join(root, 'infra/images/train'));
    const cuda = wheels.filter(({ name }) => name.startsWith('nvidia-'));
    expect(cuda).toHaveLength(11);
    for (const { name } of cuda) expect(name).toMatch(/-cu12$/);
  });

  it('copies and starts only what is there', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) => sources?.split(' ') ?? []);
    const started = [...dockerfile.matchAll(/"(\S+\.ts)"/g)].map(([, file]) => file ?? '');
    expect(copied.length).toBeGreaterThan(5);
    expect([...copied, ...started].filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('runs as nobody special, tells its health, and ends at SIGTERM', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(last).toMatch(/^USER 1000$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(last).toMatch(/^STOPSIGNAL SIGTERM$/m);
  });
});
