/**
 * `npm run test:backbones -- [--jobs] [options of vitest]`: the goldens of every backbone, or with --jobs a job on each
 * of them instead. GRAFT_BACKBONES, a regular expression, keeps some of them.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const JOBS = 'test/backbones/frozen-jobs.test.ts';

const options = process.argv.slice(2).filter((argument) => argument !== '--jobs');
const jobs = options.length < process.argv.length - 2;
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
// vitest refuses options that it does not know.
const child = spawn(
  process.execPath,
  [vitest, 'run', '--project', 'backbones', ...(jobs ? [JOBS] : ['--exclude', JOBS]), ...options],
  {
    stdio: 'inherit',
  },
);
child.once('exit', (status) => {
  process.exitCode = status ?? 1;
});
