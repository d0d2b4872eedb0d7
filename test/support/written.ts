import { vi } from 'vitest';

/** What is written to a stream from now on, until the mocks are restored. */
export function written(stream: 'stdout' | 'stderr'): { text: string } {
  const all = { text: '' };
  vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
    all.text += chunk;
    return true;
  });
  return all;
}
