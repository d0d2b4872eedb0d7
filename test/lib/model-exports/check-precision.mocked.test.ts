import { expect, test, vi } from 'vitest';
import { checkPrecision } from '../../../lib/model-exports/check-precision.ts';
import type { OnnxSession } from '../../../lib/onnx/onnx-session.ts';
import { exportedModel } from '../../support/models/exported-model.ts';

/** The sessions that are open. */
const open = vi.hoisted(() => new Set<OnnxSession>());

vi.mock(import('../../../lib/onnx/session.ts'), async (original) => {
  const { openSession } = await original();
  return {
    async openSession(...args) {
      const session = await openSession(...args);
      open.add(session);
      return {
        ...session,
        async close() {
          open.delete(session);
          await session.close();
        },
      };
    },
  };
});

test('no session stays open if the model with less precision cannot be opened', async () => {
  const { onnx, card } = exportedModel();
  const images = { test: [], targets: new Float32Array(), testCount: 0 } as never;
  const compared = checkPrecision(onnx, new Uint8Array([1, 2, 3]), card, images);
  await expect(compared).rejects.toMatchObject({ code: 'ONNX_UNREADABLE' });
  expect(open.size).toBe(0);
});
