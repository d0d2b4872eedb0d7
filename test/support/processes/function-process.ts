/**
 * A process that stands for Lambda functions that extract features: it takes messages of a data folder's queue, one at a
 * time, until none comes. `function-process.ts FOLDER IMAGES_OF_PART [SECONDS_AHEAD] [MOST_MESSAGES]`: its clock is
 * ahead, so that what a killed process held is free again.
 */
import { join } from 'node:path';
import { extractionWork } from '../../../functions/extract/extraction-work.ts';
import { jsonLog } from '../../../functions/world.ts';
import { workOnExtraction } from '../../../lib/jobs/extraction/work-on-extraction.ts';
import { openEmbeddedWorld } from '../../../lib/local/embedded-world.ts';
import { openSqliteQueue } from '../../../lib/local/sqlite-queue.ts';
import { CALL_SECONDS } from '../../../lib/store/parts/part-calls.ts';

const [folder = '', imagesOfPart = '', secondsAhead = '0', mostMessages = 'Infinity'] = process.argv.slice(2);
const clock = { now: () => new Date(Date.now() + Number(secondsAhead) * 1000) };
const embedded = openEmbeddedWorld(folder, jsonLog);
const extractions = openSqliteQueue({ file: join(folder, 'extractions.sqlite'), clock });
const world = { ...embedded, clock, queues: { ...embedded.queues, extractions } };
const work = extractionWork(world, Number(imagesOfPart));
const call = { secondsLeft: () => CALL_SECONDS, log: 'standard error' };

for (let taken = 0; taken < Number(mostMessages); taken++) {
  const [delivery] = await extractions.receive({ max: 1, visibilitySeconds: CALL_SECONDS + 60, waitSeconds: 2 });
  if (delivery === undefined) break;
  if (delivery.message.type === 'extract') await workOnExtraction(delivery.message, work, world, call);
  await extractions.acknowledge(delivery.receipt);
}
process.exit(0);
