import { expect, test } from 'vitest';
import { openTrunk } from '../../../lib/features/open-trunk.ts';
import { openFrozenStages, openTail } from '../../../lib/freezing/open-tail.ts';
import { openFileStore } from '../../../lib/local/file-store.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { manualClock } from '../../support/manual-clock.ts';

test('a job that is stopped downloads no weights', async () => {
  const store = openFileStore({ directory: temporaryFolder(), clock: manualClock() });
  const signal = AbortSignal.abort(new Error('cancelled'));
  const spec = { name: 'vgg16', weights: 'imagenet', inputSize: [32, 32] as [number, number] };
  const top = { cut: 'top', pooling: undefined } as const;
  const plan = {
    name: 'fine-tune-all',
    cut: 'images',
    trains: 'head-then-tail',
    frozen: new Set<string>(),
  } as const;
  await expect(openTrunk(spec, top, store, signal)).rejects.toThrow('cancelled');
  await expect(openTail(spec, plan, store, signal)).rejects.toThrow('cancelled');
  await expect(openFrozenStages(spec, 'images', store, signal)).rejects.toThrow('cancelled');
});
