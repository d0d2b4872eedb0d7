import { defineConfig } from 'vitest/config';

/** The tests that compute with tensors run on WebAssembly with all others, and again on native TensorFlow. */
const TENSOR_TESTS = 'test/lib/{tensor,heads,training}/**/*.test.ts';

/** Tests that take six seconds or more, mostly of the command and of whole trainings. */
const SLOW_TESTS = 'test/**/*.slow.test.ts';

/** Tests that replace modules of Graft by others need modules of their own. */
const MOCKED_TESTS = 'test/**/*.mocked.test.ts';

/**
 * The files of a worker share their modules: to load them for each file takes as long as half of the tests. Whatever a
 * test changes in the process is restored.
 */
const SHARED_MODULES = { isolate: false, restoreMocks: true, unstubEnvs: true, unstubGlobals: true };

/** On a busy machine, what a test waits for may come seconds later. */
const PATIENT = { expect: { poll: { timeout: 20_000 } } };

const IN_CHROMIUM = { hookTimeout: 120_000, ...PATIENT };

/** Estimates are then the same on every machine. */
const UNIT_ENVIRONMENT = { GRAFT_TENSORFLOW: 'wasm', GRAFT_CALIBRATION: 'off' };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/api/**',
            'test/browser/**',
            'test/console/*.test.ts',
            'test/cloud/**',
            'test/flow/**',
            'test/localstack/**',
            'test/native/**',
            'test/drill/**',
            'test/simulation/**',
            'test/training/**',
            'test/backbones/**',
            'test/webgpu/**',
            'test/docs/examples/**',
            SLOW_TESTS,
            MOCKED_TESTS,
          ],
          env: UNIT_ENVIRONMENT,
          testTimeout: 60_000,
          ...PATIENT,
          ...SHARED_MODULES,
        },
      },
      { test: { name: 'mocked', include: [MOCKED_TESTS], env: UNIT_ENVIRONMENT, testTimeout: 60_000, ...PATIENT } },
      {
        test: {
          name: 'slow',
          include: [SLOW_TESTS, 'test/training/**/*.test.ts'],
          exclude: ['test/training/**/*.slow.test.ts'],
          env: UNIT_ENVIRONMENT,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          ...PATIENT,
        },
      },
      {
        test: {
          name: 'native',
          include: [TENSOR_TESTS, 'test/training/**/*.test.ts', 'test/native/**/*.test.ts'],
          exclude: [SLOW_TESTS, MOCKED_TESTS],
          env: { GRAFT_TENSORFLOW: 'native' },
          testTimeout: 300_000,
        },
      },
      { test: { name: 'training', include: ['test/training/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'backbones',
          include: ['test/backbones/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'flow', include: ['test/flow/**/*.test.ts'], testTimeout: 300_000, hookTimeout: 120_000 } },
      {
        test: {
          name: 'localstack',
          include: ['test/localstack/**/*.test.ts'],
          globalSetup: 'test/localstack/global-setup.ts',
          testTimeout: 300_000,
          // CDK bootstraps and deploys.
          hookTimeout: 600_000,
          fileParallelism: false,
          ...PATIENT,
        },
      },
      { test: { name: 'cloud', include: ['test/cloud/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 900_000 } },
      {
        test: {
          name: 'api',
          include: ['test/api/**/*.test.ts'],
          testTimeout: 420_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 120_000, ...IN_CHROMIUM } },
      {
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          setupFiles: ['test/support/simulation/setup.ts'],
          testTimeout: 900_000,
        },
      },
      // By hand a drill may last as long as its variables ask. In the check none lasts minutes: it hangs.
      { test: { name: 'drill', include: ['test/drill/**/*.test.ts'], testTimeout: process.env.CI ? 600_000 : 3_600_000 } },
      { test: { name: 'console', include: ['test/console/*.test.ts'], testTimeout: 300_000, ...IN_CHROMIUM } },
      { test: { name: 'docs', include: ['test/docs/examples/**/*.test.ts'], testTimeout: 1_200_000, maxConcurrency: 2 } },
      {
        test: {
          name: 'webgpu',
          include: ['test/webgpu/**/*.test.ts'],
          globalSetup: 'test/webgpu/global-setup.ts',
          env: UNIT_ENVIRONMENT,
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['lib/**/*.ts', 'functions/**/*.ts', 'cli/**/*.ts', 'infra/**/*.ts'],
      reporter: ['text-summary'],
    },
  },
});
