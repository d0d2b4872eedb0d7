import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../support/graft.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const layApp = join(root, 'infra/images/train/lay-app.sh');

test('the training image has the files of exported pages, and makes them without the packages of a checkout', () => {
  const app = join(scratchFolder(), 'app');
  execFileSync(process.execPath, [join(root, 'infra/images/train/page-packages.ts'), `${app}-pages`]);
  const { packages } = JSON.parse(readFileSync(join(`${app}-pages`, 'package-lock.json'), 'utf8'));
  expect(Object.keys(packages[''].dependencies)).toEqual(['esbuild', 'onnxruntime-web']);
  for (const [path, entry] of Object.entries<{ integrity?: string }>(packages))
    if (path !== '') expect(entry.integrity, path).toMatch(/^sha512-/);
  expect(packages).toHaveProperty(['node_modules/@esbuild/linux-x64']);
  // The packages that npm ci would install there; no others can be imported directly.
  const names = Object.keys(packages).flatMap((path) => /^node_modules\/((@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? []);
  const isForThisSystem = (name: string) => !name.startsWith('@esbuild/') || existsSync(join(root, 'node_modules', name));
  for (const name of names.filter(isForThisSystem)) {
    const link = join(`${app}-pages`, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }

  for (const part of ['code', 'pages']) execFileSync('sh', [layApp, part, root, app]);
  expect(existsSync(join(app, 'node_modules')), 'the application has no packages here').toBe(false);
  const read = `
    const { readPageAsset } = await import('${join(app, 'lib/model-exports/page-assets.ts')}');
    const names = ['folder-page.js', 'single-page.js', 'onnxruntime.wasm'];
    const sizes = await Promise.all(names.map(async (name) => (await readPageAsset(name)).length));
    process.stdout.write(JSON.stringify(sizes));`;
  const [folderPage, singlePage, wasm] = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', read], {
      cwd: app,
    }).toString(),
  );
  expect(folderPage).toBeGreaterThan(10_000);
  expect(singlePage).toBeGreaterThan(10_000);
  expect(wasm).toBe(readFileSync(join(root, 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm')).length);
});
