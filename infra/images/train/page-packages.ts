/**
 * Writes package.json and package-lock.json of the packages that make the pages of exports, with the versions and hashes
 * of this repository: node page-packages.ts FOLDER. The training image has no other use for them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reduceLock } from '../../bundles/reduce-lock.ts';

const [, , folder = '.'] = process.argv;
const root = join(import.meta.dirname, '..', '..', '..');
const lock = reduceLock(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')), ['esbuild', 'onnxruntime-web']);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', ...lock.packages[''] }));
