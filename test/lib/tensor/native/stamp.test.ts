import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { builtRecipe, findNative } from '../../../../lib/tensor/native/find-native.ts';
import { type RuntimeStamp, readStamp, STAMP_FILE } from '../../../../lib/tensor/native/stamp.ts';

let root: string;
let runtime: string;

const ADDON = 'node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node';
const LIBRARY = 'node_modules/@tensorflow/tfjs-node/deps/lib/libtensorflow_cc.so.2';
const STAMP: RuntimeStamp = {
  package: '@tensorflow/tfjs-node',
  wheels: ['tensorflow-cpu==2.18.1'],
  recipe: 'recipe',
  platform: process.platform,
  arch: process.arch,
  napi: 8,
  addon: { path: ADDON, sha256: createHash('sha256').update('addon').digest('hex') },
  libraries: { [LIBRARY]: 7 },
};

/** A runtime as `npm run native` leaves it, with files of a few bytes. */
function build(stamp: object): void {
  for (const [path, content] of [
    [ADDON, 'addon'],
    [LIBRARY, 'library'],
    ['node_modules/@tensorflow/tfjs-node/index.js', ''],
  ] as const) {
    mkdirSync(join(runtime, path, '..'), { recursive: true });
    writeFileSync(join(runtime, path), content);
  }
  writeFileSync(join(runtime, STAMP_FILE), JSON.stringify(stamp));
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'graft-native-'));
  runtime = join(root, 'infra', 'native', 'runtime');
  mkdirSync(join(root, 'lib', 'tensor'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

test('the recipe of a finished runtime is known, so that a machine profile of another build is not used', () => {
  const from = join(root, 'lib', 'tensor');
  expect(builtRecipe(from)).toBeUndefined();
  build(STAMP);
  expect(builtRecipe(from)).toBe('recipe');
});

describe('findNative', () => {
  it('finds a finished runtime above the code that asks', () => {
    build(STAMP);
    const found = findNative(join(root, 'lib', 'tensor'));
    expect(found).toEqual({
      entry: join(runtime, 'node_modules/@tensorflow/tfjs-node/index.js'),
      name: '@tensorflow/tfjs-node',
      wheels: ['tensorflow-cpu==2.18.1'],
    });
  });

  it('finds none where no build was finished', () => {
    build(STAMP);
    rmSync(join(runtime, STAMP_FILE));
    expect(findNative(root)).toBeUndefined();
  });

  it('finds none where the stamp is half a file', () => {
    build(STAMP);
    truncateSync(join(runtime, STAMP_FILE), 40);
    expect(readStamp(runtime)).toBeUndefined();
    expect(findNative(root)).toBeUndefined();
  });

  it.each([
    ['another operating system', { platform: 'darwin' }],
    ['another kind of CPU', { arch: 'arm64' }],
    ['a newer Node-API', { napi: 99 }],
  ])('refuses a runtime that was built for %s', (_, other) => {
    build({ ...STAMP, ...other });
    expect(() => findNative(root)).toThrow(expect.objectContaining({ code: 'NATIVE_INCOMPATIBLE', fix: 'npm run native' }));
  });

  it.each([
    ['whose addon is another', () => writeFileSync(join(runtime, ADDON), 'other')],
    ['whose addon is gone', () => rmSync(join(runtime, ADDON))],
    ['whose library was cut', () => truncateSync(join(runtime, LIBRARY), 3)],
    ['whose library is gone', () => rmSync(join(runtime, LIBRARY))],
  ])('refuses a runtime %s', (_, damage) => {
    build(STAMP);
    damage();
    expect(() => findNative(root)).toThrow(expect.objectContaining({ code: 'NATIVE_DAMAGED', fix: 'npm run native' }));
  });
});
