import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { linuxPackages } from '../../infra/bundles/linux-packages.ts';
import { cacheFolder } from '../../lib/local/cache-folder.ts';
import { root } from '../support/docs/pages.ts';
import { scratchFolder } from '../support/graft.ts';

const noNetwork = fileURLToPath(new URL('../support/no-network.mjs', import.meta.url));

test('cdk synth writes both stacks without network, docker and credentials, once the packages are in the cache', async () => {
  await linuxPackages(root);
  const folder = scratchFolder();
  const asked = join(folder, 'asked');
  const out = join(folder, 'cdk.out');
  const environment = {
    PATH: [refusing(folder, ['docker', 'npm'], asked), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    HOME: folder,
    XDG_CACHE_HOME: dirname(cacheFolder()),
    NODE_OPTIONS: `--import=${pathToFileURL(noNetwork)}`,
    CI: 'true',
  };
  await promisify(execFile)(process.execPath, [join(root, 'node_modules/aws-cdk/bin/cdk'), 'synth', '--quiet', '--output', out], {
    cwd: root,
    env: environment,
    maxBuffer: 64 * 2 ** 20,
  });
  expect(existsSync(asked) && readFileSync(asked, 'utf8')).toBe(false);
  const types = (stack: string) => {
    const { Resources } = JSON.parse(readFileSync(join(out, `${stack}.template.json`), 'utf8'));
    return Object.values<{ Type: string }>(Resources).map(({ Type }) => Type);
  };
  expect(types('Graft')).toEqual(expect.arrayContaining(['AWS::S3::Bucket', 'AWS::SQS::Queue', 'AWS::Lambda::Function']));
  expect(types('GraftGpu')).toContain('AWS::Batch::JobQueue');
});

/** A folder of programs that fail, and leave their names. */
function refusing(folder: string, programs: readonly string[], asked: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const program of programs) {
    writeFileSync(join(bin, program), `#!/bin/sh\necho "${program} $*" >> "${asked}"\nexit 1\n`);
    chmodSync(join(bin, program), 0o755);
  }
  return bin;
}
