import { expect, onTestFinished, test, vi } from 'vitest';
import { openLocalSystem } from '../../../functions/local/local-system.ts';
import { runWorker } from '../../../functions/local/run-worker.ts';
import { retentionRules } from '../../../lib/store/retention.ts';
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
  await runWorker(system, idle.signal, { whenIdle, isExpected: () => answers.shift() ?? false });
  expect(left).toEqual([0]);
});

test('a worker that runs for months removes what expires meanwhile', async () => {
  const system = openLocalSystem({ ...process.env, GRAFT_DATA_DIR: temporaryFolder() }, () => {});
  onTestFinished(() => system.close());
  const { store } = system.world;
  const rules = retentionRules();
  let days = Math.max(...rules.map((rule) => rule.days)) + 1;
  const clock = { now: () => new Date(Date.now() + days * 86_400_000) };
  const [first, last] = [`${rules[0]?.prefix}object`, `${rules.at(-1)?.prefix}object`];
  await store.put(last, new Uint8Array(1));

  const stop = new AbortController();
  const running = runWorker({ ...system, world: { ...system.world, clock } }, stop.signal);
  const isRemoved = (key: string) => vi.waitFor(async () => expect(await store.head(key)).toBeUndefined(), { timeout: 20_000 });
  await isRemoved(last);
  // The first sweep has passed this prefix.
  await store.put(first, new Uint8Array(1));
  days++;
  await isRemoved(first);
  stop.abort();
  await running;
});
