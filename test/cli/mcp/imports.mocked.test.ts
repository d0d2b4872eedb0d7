import { setImmediate } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { uploadSource } from '../../../cli/commands/upload.ts';
import type { Context } from '../../../cli/context.ts';
import { createImports } from '../../../cli/mcp/imports.ts';
import type { DatasetReport } from '../../../lib/contracts/dataset.ts';

vi.mock('../../../cli/commands/upload.ts', () => ({ uploadSource: vi.fn() }));

const { signal } = new AbortController();

/** Imports that end when the test says so, with the number of the import as that of its images. */
function controlledImports() {
  const ends: (() => void)[] = [];
  vi.mocked(uploadSource).mockImplementation(() => {
    const { promise, resolve } = Promise.withResolvers<DatasetReport>();
    const accepted = ends.push(() => resolve({ accepted } as DatasetReport));
    return promise;
  });
  const imports = createImports({} as Context, signal);
  return { ends, call: (seconds: number) => imports.run('/pets', { name: 'pets' }, seconds, signal) };
}

test('the next call waits for the import of a call that was too short', async () => {
  const { ends, call } = controlledImports();
  expect(await call(0)).toEqual({ progress: 'starting' });
  const waiting = call(60);
  ends[0]?.();
  expect(await waiting).toEqual({ report: { accepted: 1 } });
  expect(ends).toHaveLength(1);
});

test('the result of an import that ended between two calls says so, and the call after that imports again', async () => {
  const { ends, call } = controlledImports();
  await call(0);
  ends[0]?.();
  await setImmediate();
  expect(await call(60)).toEqual({ report: { accepted: 1 }, endedAt: expect.any(String) });
  const waiting = call(60);
  ends[1]?.();
  expect(await waiting).toEqual({ report: { accepted: 2 } });
});
