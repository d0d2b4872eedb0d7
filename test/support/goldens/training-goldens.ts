import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fixturePath } from '../fixtures.ts';

/** The path of a golden of training: in GRAFT_GOLDENS, or of those that come with the tests; undefined where it is not there. */
export function trainingGolden(name: string): string | undefined {
  const path = join(process.env.GRAFT_GOLDENS ?? fixturePath('goldens'), 'training', name);
  return existsSync(path) ? path : undefined;
}
