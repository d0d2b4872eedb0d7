import { expect, onTestFinished, test } from 'vitest';
import { openLocalSystem } from '../../../functions/local/local-system.ts';
import { runWorker } from '../../../functions/local/run-worker.ts';
import { temporaryFolder } from '../../support/folder.ts';

test('a worker is not idle while work is expected', async () => {
  const system = openLocalSystem({ ...process.env, GRAFT_DATA_DIR: temporaryFolder() }, () => {});
  onTestFinished(() => system.close());
  const answers = [true, true, false];
  const idle = new AbortController();
  const left: number[] = [];
  const whenIdle = () => {
    left.push(answers.length);
    idle.abort();
  };
  await runWorker(system, idle.signal, whenIdle, () => answers.shift() ?? false);
  expect(left).toEqual([0]);
});
