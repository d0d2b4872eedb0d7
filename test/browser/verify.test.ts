import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { predictInChromium } from '../../cli/chromium/predict-in-chromium.ts';
import { runAtOnce } from '../../lib/onnx/run-images.ts';
import { openSession } from '../../lib/onnx/session.ts';
import { randomStream } from '../../lib/random.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { scratchFolder } from '../support/graft.ts';
import { exportedModel } from '../support/models/exported-model.ts';

const executable = findChromium();
const { onnx } = exportedModel();
const size = [24, 32] as const;
const random = randomStream(0, 'verify');
const images = Array.from({ length: 3 }, () => Float32Array.from({ length: 24 * 32 * 3 }, () => random.integer(256)));

function profiles(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('graft-chromium-'));
}

/** Writes a program. */
function script(text: string): string {
  const program = join(scratchFolder(), 'browser');
  writeFileSync(program, text, { mode: 0o755 });
  return program;
}

/** A program that gives an answer to the page which it is told to open. @param answer a JavaScript expression */
function browserThatAnswers(answer: string): string {
  return script(`#!${process.execPath}
require('node:fs').createReadStream('', { fd: 3 }).once('data', (command) => {
  const { url } = JSON.parse(String(command).slice(0, -1)).params;
  fetch(url + 'answer', { method: 'POST', body: ${answer} });
});
`);
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
    expect(predicted.milliseconds).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
    for (const [i, probability] of predicted.probabilities.flat().entries()) expect(probability).toBeCloseTo(data[i] ?? 0, 5);
    expect(profiles()).toEqual(before);
  });

  test('predicts in a browser that a script starts, which ends with it', async () => {
    const before = profiles();
    const program = script(`#!/bin/sh\n"${executable}" "$@"\nexit $?\n`);
    const { browser } = await predictInChromium(onnx, images, size, { executable: program });
    expect(browser).toMatch(/Chrome\/\d+/);
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
  ['a script starts and that never answers', '#!/bin/sh\nsleep 60\nexit 1\n', 'no answer'],
  ['is no program', 'nothing', 'spawn'],
])('a browser that %s is an error', async (_, text, received) => {
  const program = script(text);
  if (text === 'nothing') chmodSync(program, 0o644);
  const failed = predictInChromium(onnx, images, size, { executable: program, timeoutMs: 1000 });
  await expect(failed).rejects.toMatchObject({ code: 'BROWSER_FAILED', received: expect.stringContaining(received) });
});

test('the address of the page is not among the arguments, and a probability that is no number is NaN', async () => {
  const answer = 'JSON.stringify({ probabilities: [[NaN, 1]], milliseconds: [7], browser: process.argv.join() })';
  const { probabilities, browser } = await predictInChromium(onnx, images, size, { executable: browserThatAnswers(answer) });
  expect(probabilities).toEqual([[Number.NaN, 1]]);
  expect(browser).toContain('--headless');
  expect(browser).not.toContain('127.0.0.1');
});

test.each([
  ['that is no JSON', "'{'"],
  ['of another form', 'JSON.stringify({ probabilities: 1 })'],
  ['without the time of each image', "JSON.stringify({ probabilities: [[1]], browser: 'a browser' })"],
])('an answer %s is an error', async (_, answer) => {
  const failed = predictInChromium(onnx, images, size, { executable: browserThatAnswers(answer) });
  await expect(failed).rejects.toMatchObject({ code: 'BROWSER_FAILED', received: expect.stringContaining('another form') });
});
