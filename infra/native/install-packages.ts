import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../../lib/errors.ts';
import type { Recipe } from './recipe.ts';
import { lastLine, run } from './run.ts';

/**
 * Installs the recipe's npm packages into `root`, exactly as locked. Install scripts are off, because tfjs-node's
 * would download a TensorFlow of 2022 from its vendor's host.
 * @throws RuntimeError NATIVE_INSTALL_FAILED
 */
export async function installPackages(recipe: Recipe, root: string): Promise<void> {
  for (const file of ['package.json', 'package-lock.json', 'tfjs']) {
    await cp(join(recipe.folder, file), join(root, file), { recursive: true, dereference: true });
  }
  const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'];
  const { status, stderr } = await run([...npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
  });
  if (status !== 0) {
    throw new RuntimeError('NATIVE_INSTALL_FAILED', {
      at: 'npm ci',
      received: lastLine(stderr),
      fix: 'check the network, then npm run native',
    });
  }
}
