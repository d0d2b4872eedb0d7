import { resolve } from 'node:path';
import type { Profile } from '../lib/local/profile.ts';
import { unwritable } from './files/unwritable.ts';

/**
 * Runs `act`, and writes a CPU profile and a timeline of it to a folder, also if it fails.
 * @param name of the files, without extension
 * @param folder undefined: `act` runs without a profile
 * @throws UsageError FILE_UNWRITABLE, and what `act` throws
 */
export async function withProfile(
  folder: string | undefined,
  name: string,
  act: (profile: Profile | undefined) => Promise<void>,
): Promise<void> {
  if (folder === undefined) return act(undefined);
  // Loaded only here, because hardly any command needs it.
  const { startProfile } = await import('../lib/local/profile.ts');
  const profile = await startProfile(resolve(folder), name).catch((cause) => throwUnwritable(folder, cause));
  profile.span('stages', 'start of the command', 0);
  try {
    await act(profile);
  } catch (error) {
    // The command's own error says more than a profile that cannot be written.
    await profile.finish().catch(() => undefined);
    throw error;
  }
  await profile.finish().catch((cause) => throwUnwritable(folder, cause));
}

function throwUnwritable(folder: string, cause: unknown): never {
  throw unwritable(folder, 'a writable folder for --profile', cause);
}
