import { afterEach, expect, test, vi } from 'vitest';
import { UsageError } from '../../../lib/errors.ts';
import { checkDevice } from '../../../lib/onnx/check-device.ts';
import { selectedDevice } from '../../../lib/onnx/selected-device.ts';

afterEach(() => vi.unstubAllEnvs());

test.each([
  [undefined, 'cpu'],
  ['', 'cpu'],
  ['cpu', 'cpu'],
  ['webgpu', 'webgpu'],
])('GRAFT_DEVICE %j selects %s', (value, device) => {
  expect(selectedDevice({ GRAFT_DEVICE: value })).toBe(device);
});

test('another device is a usage error', () => {
  const act = () => selectedDevice({ GRAFT_DEVICE: 'tpu' });
  expect(act).toThrow(UsageError);
  expect(act).toThrow(expect.objectContaining({ code: 'DEVICE_UNKNOWN', at: 'GRAFT_DEVICE', received: 'tpu' }));
});

test.runIf(process.platform === 'linux')('without a driver, WebGPU is not found, and the error says what to do', async () => {
  for (const name of ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES']) vi.stubEnv(name, '/nowhere.json');
  await expect(checkDevice('cpu')).resolves.toBeUndefined();
  await expect(checkDevice('webgpu')).rejects.toMatchObject({
    code: 'WEBGPU_NOT_FOUND',
    fix: expect.stringContaining('GRAFT_DEVICE'),
  });
});
