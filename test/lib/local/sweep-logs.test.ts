import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOG_DAYS, sweepLogs } from '../../../lib/local/sweep-logs.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { testWorld } from '../../support/world.ts';

test('the log of an attempt is deleted some time after its last line, and no other file is', async () => {
  const { clock } = testWorld();
  const folder = temporaryFolder();
  const write = (name: string, daysAgo: number) => {
    writeFileSync(join(folder, name), 'a line\n');
    const writtenAt = new Date(clock.now().getTime() - daysAgo * 86_400_000);
    utimesSync(join(folder, name), writtenAt, writtenAt);
  };
  write('job-old-1.log', LOG_DAYS + 1);
  write('spare-old.log', LOG_DAYS + 1);
  write('job-new-1.log', LOG_DAYS - 1);
  write('worker.log', LOG_DAYS + 1);
  write('job-old-1.txt', LOG_DAYS + 1);

  expect(await sweepLogs(folder, clock)).toBe(2);
  expect(readdirSync(folder).toSorted()).toEqual(['job-new-1.log', 'job-old-1.txt', 'worker.log']);
  expect(await sweepLogs(join(folder, 'missing'), clock)).toBe(0);
});
