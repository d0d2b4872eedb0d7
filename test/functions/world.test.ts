import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('scripts/log-much.ts', import.meta.url));

/** Runs the script with a log on a full disk. */
async function logToFullDisk(...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', openSync('/dev/full', 'w')],
  });
  return child.stdout === null ? '' : text(child.stdout);
}

test('a log on a full disk ends a process, but none that outlives it', async () => {
  expect(await logToFullDisk()).toBe('');
  expect(await logToFullDisk('outlives')).toBe('still there\n');
});
