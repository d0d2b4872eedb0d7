import { join } from 'node:path';
import { RuntimeError } from '../../lib/errors.ts';
import type { Recipe } from './recipe.ts';
import { lastLine, run } from './run.ts';

/**
 * Loads the runtime in `place` in a process of its own, where it can do no harm, and lets it compute.
 * @returns the line that it says of itself
 * @throws RuntimeError NATIVE_SMOKE_TEST_FAILED
 */
export async function smokeTest(recipe: Recipe, place: string): Promise<string> {
  const program = join(import.meta.dirname, 'smoke-test-child.ts');
  const args = ['--disable-warning=ExperimentalWarning', program, recipe.packageFolder(place), recipe.package];
  const { status, stdout, stderr } = await run([process.execPath, ...args]);
  if (status === 0) return stdout.trim();
  throw new RuntimeError('NATIVE_SMOKE_TEST_FAILED', {
    at: place,
    expected: 'a runtime that computes correct results',
    received: lastLine(stderr),
  });
}
