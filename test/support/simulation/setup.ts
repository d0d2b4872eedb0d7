import { vi } from 'vitest';
import { drawUuid } from './drawn-uuids.ts';

// A seed repeats a run only if it also draws the ids.
vi.mock('node:crypto', async (original) => ({
  ...(await original<typeof import('node:crypto')>()),
  randomUUID: () => drawUuid(),
}));
