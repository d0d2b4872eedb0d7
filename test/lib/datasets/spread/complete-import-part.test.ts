import { expect, test } from 'vitest';
import { continueChains } from '../../../../lib/datasets/spread/complete-import-part.ts';
import type { JobQueue } from '../../../../lib/ports.ts';
import { testWorld } from '../../../support/world.ts';

const plan = { list: 'contents', contents: 40, contentsOfPart: 1, parts: 40, functions: 40 };

test('an import at its deadline sends no further parts', async () => {
  const world = testWorld({ extractions: true });
  const deadline = new AbortController();
  let sent = 0;
  const extractions: Pick<JobQueue, 'send'> = {
    async send() {
      sent++;
      deadline.abort(new Error('the time of the function is over'));
    },
  };
  const interrupted = { ...world, queues: { ...world.queues, extractions: { ...world.queues.imports, ...extractions } } };
  await expect(continueChains('up-1', plan, interrupted, deadline.signal)).rejects.toThrow('the time of the function is over');
  expect(sent, 'those that were in progress').toBeLessThanOrEqual(10);
});
