/** What is installed is known before: by version and by hash, and nothing of it runs while it is installed. */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import nodePackage from '../infra/node/package.json' with { type: 'json' };
import packageJson from '../package.json' with { type: 'json' };
import { root } from './support/docs/pages.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  /** It came inside of another package, whose hash is its own. */
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
}

describe.each(globSync('**/package-lock.json', { cwd: root, exclude: ['**/node_modules', '.*'] }))('%s', (path) => {
  const lock: { packages: Record<string, Locked> } = JSON.parse(read(path));
  const installed = Object.entries(lock.packages).filter(
    ([place, { link, inBundle }]) => place.includes('node_modules/') && !link && !inBundle,
  );

  test('has the hash of every package', () => {
    expect(installed.length).toBeGreaterThan(1);
    expect(installed.filter(([, { integrity }]) => !/^sha512-/.test(integrity ?? '')).map(([place]) => place)).toEqual([]);
  });

  test('takes packages of the npm registry alone', () => {
    const elsewhere = installed.filter(
      ([, { resolved = 'https://registry.npmjs.org/' }]) => !resolved.startsWith('https://registry.npmjs.org/'),
    );
    expect(elsewhere).toEqual([]);
  });
});

test('every dependency is asked for by one version', () => {
  const { dependencies, devDependencies } = packageJson;
  const asked = Object.entries({ ...dependencies, ...devDependencies, ...nodePackage.optionalDependencies });
  expect(asked.filter(([, version]) => !/^(?:(?:npm:typescript@)?\d+\.\d+\.\d+|file:infra\/node)$/.test(version))).toEqual([]);
});

test('no install script runs, and npm has nothing to say against .npmrc', async () => {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  // What the user has set is not ours to hold.
  const env = { ...Object.fromEntries(inherited), npm_config_userconfig: devNull };
  const told = await promisify(execFile)('npm', ['config', 'get', 'ignore-scripts'], { cwd: root, env });
  expect(told).toEqual({ stdout: 'true\n', stderr: '' });
  const lock: { packages: Record<string, Locked> } = JSON.parse(read('package-lock.json'));
  const withScript = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  // A new one here may need its script: then what it does must come in another way.
  expect(withScript.map(([place]) => place)).toEqual([
    'node_modules/@scarf/scarf',
    'node_modules/esbuild',
    'node_modules/onnxruntime-node',
    // It only warns about the ranges of other packages' versions.
    'node_modules/onnxruntime-web/node_modules/protobufjs',
  ]);
});

describe.each(['infra/localstack/requirements.lock', 'infra/native/wheels.txt', 'infra/images/train/wheels.txt'])(
  '%s',
  (path) => {
    test('has a hash for every package', () => {
      // A line that ends with a backslash goes on in the next one.
      const lines = read(path).replaceAll('\\\n', ' ').split('\n');
      const packages = lines.filter((line) => line !== '' && !line.startsWith('#'));
      expect(packages.length).toBeGreaterThan(0);
      expect(packages.filter((line) => !/^[\w.-]+==\S+(?:\s+--hash=sha256:[0-9a-f]{64})+\s*$/.test(line))).toEqual([]);
    });
  },
);

test('LocalStack is installed by those hashes, or not at all', () => {
  expect(read('infra/localstack/install-localstack.ts')).toContain("'--require-hashes'");
});

test('images are named by a tag that says what they are', () => {
  const dockerfile = read('infra/images/train/Dockerfile');
  const [, base] = /^ARG NODE=(\S+)$/m.exec(dockerfile) ?? [];
  expect(base).toBe(`node:${nodePackage.version.split('.')[0]}-bookworm-slim`);
  // No other image is taken than the one that is explained there.
  expect(dockerfile.match(/^FROM (?!\$\{NODE\})\S+/gm)).toBeNull();
  expect(read('infra/localstack/docker-compose.yaml')).toMatch(/image: localstack\/localstack:\d+\.\d+\.\d+$/m);
});
