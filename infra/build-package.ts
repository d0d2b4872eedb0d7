/**
 * npm run build: writes dist/, as it is published: JavaScript and declarations by tsc, and the files that are neither.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, globSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { writeDocsAssets } from '../functions/api/docs-assets.ts';
import { writeConsole } from '../functions/local/console-files.ts';
import { writePageAssets } from '../lib/model-exports/page-assets.ts';

const root = join(import.meta.dirname, '..');
const into = join(root, 'dist');

rmSync(into, { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
for (const file of globSync('lib/**/*.{css,mjs,proto,py,txt}', { cwd: root })) cpSync(join(root, file), join(into, file));
writeDocsAssets(join(into, 'functions/api'));
await writeConsole(join(into, 'functions/local'));
await writePageAssets(join(into, 'lib/model-exports'));
chmodSync(join(into, 'cli/main.js'), 0o755);
