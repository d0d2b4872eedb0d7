import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { mean } from '../../../lib/arithmetic.ts';
import { fineTune } from '../../../lib/library/fine-tune.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { heatInOwnHalf, joinHalves } from '../../support/models/joined-halves.ts';

const photographs = fileURLToPath(new URL('../../fixtures/trash', import.meta.url));

test('most of the heat for a class lies in the half of the image that shows the class', async () => {
  const { model } = await fineTune({ dataset: photographs, dataDirectory: temporaryFolder(), backbone: { inputSize: 160 } });
  onTestFinished(() => model.close());
  const labels = await readdir(photographs);
  const files = await Promise.all(
    labels.map(
      async (label) => [label, (await readdir(join(photographs, label))).map((file) => join(photographs, label, file))] as const,
    ),
  );
  const shares = await heatInOwnHalf(model, await joinHalves(new Map(files), 12));
  expect(mean(shares)).toBeGreaterThan(0.7);
});
