import { errorJson } from '../../lib/errors.ts';
import { type Profile, startProfile } from '../../lib/local/profile.ts';
import type { Log } from '../../lib/ports.ts';

/**
 * Runs `act`, and writes a CPU profile and a timeline of it to a folder, also if it fails. A profile that cannot be
 * written is logged, and changes nothing for the job.
 * @param name of the files, without extension
 */
export async function withAttemptProfile<Result>(
  folder: string,
  name: string,
  act: (profile: Profile | undefined) => Promise<Result>,
  log: Log,
): Promise<Result> {
  const failed = (error: unknown) => log('profile.failed', { folder, error: errorJson(error) });
  const profile = await startProfile(folder, name).catch((error) => void failed(error));
  try {
    return await act(profile ?? undefined);
  } finally {
    await profile?.finish().catch(failed);
  }
}
