import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withProfile } from '../../../cli/with-profile.ts';
import { withAttemptProfile } from '../../../functions/train/with-attempt-profile.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** A path that can be no folder, because it is a file. */
function file(): string {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, '');
  return path;
}

/** A new folder, and its removal, after which nothing can be written into it. */
function vanishing() {
  const folder = join(temporaryFolder(), 'profiles');
  mkdirSync(folder);
  return { folder, vanish: () => rmSync(folder, { recursive: true }) };
}

describe('the profile of an attempt', () => {
  it('is logged if it cannot be written, and the attempt goes on', async () => {
    const events: string[] = [];
    const log = (event: string) => events.push(event);
    expect(await withAttemptProfile(file(), 'job-1', async (profile) => profile, log)).toBeUndefined();
    const { folder, vanish } = vanishing();
    expect(await withAttemptProfile(folder, 'job-1', async () => vanish() ?? 'done', log)).toBe('done');
    expect(events).toEqual(['profile.failed', 'profile.failed']);
  });

  it('is written if the attempt fails', async () => {
    const folder = temporaryFolder();
    const fail = () => Promise.reject(new Error('out of memory'));
    await expect(withAttemptProfile(folder, 'job-1', fail, () => {})).rejects.toThrow('out of memory');
    expect(existsSync(join(folder, 'job-1.trace.json'))).toBe(true);
  });
});

describe('the profile of a command', () => {
  it('says that its folder cannot be written, before and after the command runs', async () => {
    const unwritable = { code: 'FILE_UNWRITABLE' };
    await expect(withProfile(file(), 'predict', async () => {})).rejects.toMatchObject(unwritable);
    const { folder, vanish } = vanishing();
    await expect(withProfile(folder, 'predict', async () => vanish())).rejects.toMatchObject({ ...unwritable, at: folder });
  });

  it('leaves the error of the command as it is', async () => {
    const { folder, vanish } = vanishing();
    const act = async () => {
      vanish();
      throw new Error('no such image');
    };
    await expect(withProfile(folder, 'predict', act)).rejects.toThrow('no such image');
  });
});
