import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/flow/**', 'test/native/**'], testTimeout: 30_000 } },
      { test: { name: 'flow', include: ['test/flow/**/*.test.ts'], testTimeout: 300_000, fileParallelism: false } },
    ],
    maxWorkers: 2,
  },
});
