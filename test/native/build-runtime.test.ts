import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStamp } from '../../lib/tensor/native/stamp.ts';

const NATIVE = join(import.meta.dirname, '..', '..', 'infra', 'native');
const WHEEL = 'tensorflow_cpu-2.18.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-native-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function build(options: { recipe?: string; into?: string; env?: NodeJS.ProcessEnv }): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  const { recipe = NATIVE, into = join(folder, 'runtime'), env } = options;
  const args = ['--disable-warning=ExperimentalWarning', join(NATIVE, 'main.ts'), '--recipe', recipe, '--into', into];
  return spawnSync(process.execPath, args, { env: { ...process.env, ...env }, encoding: 'utf8' });
}

/** A folder for PATH with only these programs, which all say that they are there; python3 may lack pip. */
function toolsWithout(missing: string): string {
  const path = mkdtempSync(join(folder, 'tools-'));
  for (const tool of ['g++', 'python3', 'unzip'].filter((each) => each !== missing)) {
    writeFileSync(join(path, tool), missing === 'pip' && tool === 'python3' ? '#!/bin/sh\n[ "$1" != -m ]\n' : '#!/bin/sh\n');
    chmodSync(join(path, tool), 0o755);
  }
  return path;
}

/** A recipe for this content in place of the wheel, and pip's settings to find it here. */
function wheelOf(content: string, sha256: string): { recipe: string; env: NodeJS.ProcessEnv } {
  const recipe = mkdtempSync(join(folder, 'recipe-'));
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(NATIVE, file), join(recipe, file));
  symlinkSync(join(NATIVE, 'tfjs'), join(recipe, 'tfjs'));
  writeFileSync(join(recipe, 'wheels.txt'), `tensorflow-cpu==2.18.1 --hash=sha256:${sha256}\n`);
  const index = mkdtempSync(join(folder, 'index-'));
  writeFileSync(join(index, WHEEL), content);
  return { recipe, env: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: index, XDG_CACHE_HOME: mkdtempSync(join(folder, 'cache-')) } };
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

describe('npm run native', () => {
  it.each(['g++', 'python3', 'pip', 'unzip'])('names %s where it is missing, and says that WebAssembly runs instead', (tool) => {
    const { status, stderr } = build({ env: { PATH: toolsWithout(tool) } });
    expect(status).toBe(1);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(
        `^Native tool missing: expected ${tool.replace('g++', 'g\\+\\+')}\\. Fix: apt-get install .*, then npm run native\\.$`,
      ),
      'Nothing was changed. Without a native TensorFlow, Graft trains in ONNX Runtime.',
      '',
    ]);
  });

  it('refuses a wheel with another hash than the pinned one', () => {
    const { status, stderr } = build(wheelOf('not the wheel', sha256('the wheel')));
    expect(status).toBe(1);
    expect(stderr).toContain('Native wheel refused');
    expect(stderr).toContain(sha256('not the wheel'));
  });

  it('refuses a wheel that is none, whatever its hash', () => {
    const { status, stderr } = build(wheelOf('cut short', sha256('cut short')));
    expect(status).toBe(1);
    expect(stderr).toMatch(/Native (download failed|wheel damaged)/);
  });

  it('says that the network is missing, and leaves nothing behind', () => {
    const cache = mkdtempSync(join(folder, 'cache-'));
    const env = { PIP_INDEX_URL: 'http://127.0.0.1:9/', PIP_FIND_LINKS: '', PIP_RETRIES: '0', XDG_CACHE_HOME: cache };
    const { status, stderr } = build({ env });
    expect(status).toBe(1);
    expect(stderr).toMatch(/Native download failed at pip: .*Fix: check the network, then npm run native\./);
    expect(spawnSync('find', [cache, '-type', 'f'], { encoding: 'utf8' }).stdout).toBe('');
    expect(existsSync(join(folder, 'runtime'))).toBe(false);
  });

  it('builds beside what is there, takes its place, clears what killed builds left, and builds nothing twice', () => {
    // Below the repository, whose TF.js the runtime shares.
    const into = join(NATIVE, `runtime-test-${process.pid}`);
    const abandoned = `${into}.building-4194305`;
    for (const place of [into, abandoned]) {
      mkdirSync(place);
      writeFileSync(join(place, 'stamp.json'), '{"half": "a build"');
    }
    try {
      const first = build({ into });
      expect(first.stdout).toMatch(/^TensorFlow 2\.18\.1 runs on the CPU/);
      expect(existsSync(abandoned)).toBe(false);
      const addon = join(into, readStamp(into)?.addon.path ?? '');
      const built = statSync(addon).mtimeMs;

      expect(build({ into })).toEqual({ ...first, stderr: '', pid: expect.any(Number), output: expect.any(Array) });
      expect(statSync(addon).mtimeMs).toBe(built);

      writeFileSync(addon, readFileSync(addon).subarray(0, 1000));
      expect(build({ into }).status).toBe(0);
      expect(statSync(addon).mtimeMs).toBeGreaterThan(built);
    } finally {
      rmSync(into, { recursive: true, force: true });
    }
  });
});
