import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { requireInOrder } from '../../../infra/bundles/require-in-order.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('a package that a bundle does not contain is loaded where the code imports it, not before the first module', async () => {
  const folder = temporaryFolder();
  const files = {
    'package.json': '{"type":"module"}',
    'node_modules/native/package.json': '{"main":"index.cjs"}',
    'node_modules/native/index.cjs': "console.log('native'); module.exports = { answer: 42 };",
    'start.js': "console.log('first');",
    'uses.js': "import native from 'native'; console.log(native.answer);",
    'entry.js':
      "import './start.js'; import './uses.js'; const { default: later } = await import('native'); console.log(later.answer);",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const outfile = join(folder, 'bundle.js');
  await build({
    entryPoints: [join(folder, 'entry.js')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [requireInOrder(['native'])],
    logLevel: 'error',
  });
  expect(execFileSync(process.execPath, [outfile], { encoding: 'utf8' })).toBe('first\nnative\n42\n42\n');
});
