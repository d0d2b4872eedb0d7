import { describe, expect, it } from 'vitest';
import { hasAvx } from '../../../../lib/tensor/native/has-avx.ts';
import { pinNativeSettings } from '../../../../lib/tensor/native/native-settings.ts';

describe('pinNativeSettings', () => {
  it('pins what the bits depend on', () => {
    const environment: NodeJS.ProcessEnv = {};
    expect(pinNativeSettings(environment)).toEqual({ onednn: 'on', tf32: 'off', threads: expect.stringMatching(/^[1-9]\d*$/) });
    expect(environment).toMatchObject({
      TF_ENABLE_ONEDNN_OPTS: '1',
      NVIDIA_TF32_OVERRIDE: '0',
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    });
  });

  it('leaves what the user has set, and reports it', () => {
    const environment = {
      TF_ENABLE_ONEDNN_OPTS: '0',
      TF_NUM_INTRAOP_THREADS: '3',
      NVIDIA_TF32_OVERRIDE: '1',
      TF_CPP_MIN_LOG_LEVEL: '0',
    };
    expect(pinNativeSettings(environment)).toEqual({ onednn: 'off', tf32: 'on', threads: '3' });
    expect(environment.TF_CPP_MIN_LOG_LEVEL).toBe('0');
  });
});

describe('hasAvx', () => {
  it.each([
    ['flags\t\t: fpu sse4_2 avx f16c', true],
    ['flags\t\t: fpu sse4_2 avx2', false],
    ['flags\t\t: fpu sse4_2', false],
    ['model name\t: a CPU with avx\nflags\t: fpu', false],
  ])('of %j is %s', (cpuInfo, expected) => expect(hasAvx(cpuInfo)).toBe(expected));
});
