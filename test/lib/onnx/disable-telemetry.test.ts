import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { disableTelemetry } from '../../../lib/onnx/disable-telemetry.ts';
import { temporaryFolder } from '../../support/folder.ts';

const script = fileURLToPath(new URL('./open-sessions.ts', import.meta.url));
const model = `${import.meta.dirname}/../../fixtures/own-models/fixed-batch.onnx`;

afterEach(() => vi.unstubAllEnvs());

test.each(['this thread', 'a worker'])(
  'ONNX Runtime stores no events and no identifier of the machine, first opened in %s',
  async (first) => {
    const folder = temporaryFolder();
    // Not the variables of this process: ONNX Runtime has no telemetry where it finds one of a CI service.
    const env = { HOME: folder, TMPDIR: folder };
    await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', script, model, first], { env });
    expect(await readdir(folder, { recursive: true })).toEqual([]);
  },
);

test('the user can enable the telemetry of ONNX Runtime', () => {
  vi.stubEnv('ORT_DISABLE_TELEMETRY', '0');
  disableTelemetry();
  expect(process.env.ORT_DISABLE_TELEMETRY).toBe('0');
});
