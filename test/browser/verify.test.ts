import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { predictInChromium } from '../../cli/chromium/predict-in-chromium.ts';
import { runAtOnce } from '../../lib/onnx/run-images.ts';
import { openSession } from '../../lib/onnx/session.ts';
import { randomStream } from '../../lib/random.ts';
import { findChromium } from '../support/chromium.ts';
import { exportedModel } from '../support/exported-model.ts';
import { scratchFolder } from '../support/graft.ts';

const executable = findChromium();
const { onnx } = exportedModel();
const size = [24, 32] as const;
const random = randomStream(0, 'verify');
const images = Array.from({ length: 3 }, () => Float32Array.from({ length: 24 * 32 * 3 }, () => random.integer(256)));

function profiles(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('graft-chromium-'));
}

describe.skipIf(executable === undefined)('a model in Chromium', () => {
  test('predicts what it predicts in Node.js, and leaves no profile behind', async () => {
    const before = profiles();
    const predicted = await predictInChromium(onnx, images, size, { executable: executable ?? '' });
    const session = await openSession(onnx);
    const { data } = await runAtOnce(session, images, size);
    await session.close();
    expect(predicted.browser).toMatch(/Chrome\/\d+/);
    expect(predicted.probabilities).toHaveLength(3);
    for (const [i, probability] of predicted.probabilities.flat().entries()) expect(probability).toBeCloseTo(data[i] ?? 0, 5);
    expect(profiles()).toEqual(before);
  });

  test('says why it cannot be loaded', async () => {
    const refused = predictInChromium(Buffer.from('no model'), images, size, { executable: executable ?? '' });
    await expect(refused).rejects.toMatchObject({ code: 'BROWSER_FAILED', received: expect.stringContaining('Error') });
  });
});

test.each([
  ['ends without an answer', '#!/bin/sh\necho no display >&2\nexit 1\n', 'no display'],
  ['never answers', '#!/bin/sh\nexec sleep 60\n', 'no answer'],
  ['is no program', 'nothing', 'spawn'],
])('a browser that %s is an error', async (_, script, received) => {
  const program = join(scratchFolder(), 'browser');
  writeFileSync(program, script);
  chmodSync(program, script === 'nothing' ? 0o644 : 0o755);
  const failed = predictInChromium(onnx, images, size, { executable: program, timeoutMs: 1000 });
  await expect(failed).rejects.toMatchObject({ code: 'BROWSER_FAILED', received: expect.stringContaining(received) });
});
