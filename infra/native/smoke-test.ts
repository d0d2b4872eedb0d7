import { join } from 'node:path';
import { RuntimeError } from '../../lib/errors.ts';
import type { Recipe } from './recipe.ts';
import { lastLine, run } from './run.ts';

/**
 * Loads the runtime in `root` in a separate process, and runs a computation.
 * @returns the line with which it describes itself
 * @throws RuntimeError NATIVE_SMOKE_TEST_FAILED
 */
export async function smokeTest(recipe: Recipe, root: string): Promise<string> {
  const program = join(import.meta.dirname, 'smoke-test-child.ts');
  const args = ['--disable-warning=ExperimentalWarning', program, recipe.packageFolder(root), recipe.package];
  const { status, stdout, stderr } = await run([process.execPath, ...args]);
  if (status === 0) return stdout.trim();
  throw new RuntimeError('NATIVE_SMOKE_TEST_FAILED', {
    at: root,
    expected: 'a runtime that computes correct results',
    received: lastLine(stderr),
  });
}
