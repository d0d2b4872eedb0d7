/** Fills the disk of the embedded system while it trains, and frees it again. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { RandomStream } from '../../lib/random.ts';
import { noisePng } from '../support/datasets/noise-png.ts';
import { checkEnds, drillStream, startDrill, submitAll, trainingJob } from '../support/drill/drilled-system.ts';
import { mayMountDisk, mountSmallDisk } from '../support/drill/small-disk.ts';
import { graftJson, scratchFolder } from '../support/graft.ts';
import { killWorker } from '../support/processes/kill-worker.ts';

/** GRAFT_FULL_DISKS: how often the disk is full. */
const TIMES = Number(process.env.GRAFT_FULL_DISKS ?? 2);

test.skipIf(!mayMountDisk())(
  `if the disk is full ${TIMES} times, requests say so, and everything goes on when there is space again`,
  async () => {
    const random = drillStream('full disk');
    const disk = await mountSmallDisk(400);
    const system = await startDrill(disk);
    const environment = { GRAFT_API: system.address };
    for (let time = 0; time < TIMES; time++) {
      await submitAll(system);
      const job = await trainingJob(system);
      disk.fill();
      const folder = newImages(random);
      expect(await graftJson(['upload', folder, '--name', `new-${time}`], environment)).toMatchObject({
        error: { code: 'STORE_FULL', fix: expect.stringContaining('free some disk space') },
      });
      // What is there can be read.
      expect(await system.client.jobs.get(job.id)).toMatchObject({ id: job.id });
      if (random.next() < 0.5) killWorker(job);
      await wait(random.next() * 10_000);
      disk.free();
      expect(await graftJson(['upload', folder, '--name', `new-${time}`], environment)).toMatchObject({
        accepted: 2,
        refused: [],
      });
    }
    await checkEnds(system);
  },
);

/** A folder of two images that no one has uploaded before. */
function newImages(random: RandomStream): string {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'noise'));
  for (const name of ['one.png', 'two.png']) writeFileSync(join(folder, 'noise', name), noisePng(random));
  return folder;
}
