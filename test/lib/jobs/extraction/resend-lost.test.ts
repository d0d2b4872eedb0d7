import { expect, test } from 'vitest';
import type { QueueMessage } from '../../../../lib/contracts/queue-message.ts';
import {
  type ExtractionPlan,
  extractionOf,
  extractionPlanDocument,
} from '../../../../lib/jobs/extraction/extraction-documents.ts';
import { QUIET_PART_SECONDS, resendLost } from '../../../../lib/jobs/extraction/resend-lost.ts';
import { createDocument } from '../../../../lib/store/documents.ts';
import { recordPart } from '../../../../lib/store/parts/completed-parts.ts';
import { beginCall } from '../../../../lib/store/parts/part-calls.ts';
import { testWorld } from '../../../support/world.ts';

const own = { job: 'job-zzk2m4q1x-8w3f0c9d1a', attempt: 1 };
const keys = extractionOf(own);
const plan: ExtractionPlan = { trunk: 'trunk', list: 'list', images: 7, imagesOfPart: 1, parts: 7, functions: 3 };

/** A world whose store takes the time of each write from the manual clock. */
function extractionWorld() {
  const world = testWorld({ extractions: true });
  const queue = world.queues.extractions ?? expect.fail();
  const writtenAt = new Map<string, Date>();
  const { store } = world;
  const timed = {
    ...world,
    store: {
      get: (key: string) => store.get(key),
      getRange: store.getRange.bind(store),
      copy: store.copy.bind(store),
      delete: store.delete.bind(store),
      list: store.list.bind(store),
      signUpload: store.signUpload.bind(store),
      signDownload: store.signDownload.bind(store),
      async put(...args: Parameters<typeof store.put>) {
        const version = await store.put(...args);
        writtenAt.set(args[0], world.clock.now());
        return version;
      },
      async head(key: string) {
        const found = await store.head(key);
        return found && { ...found, modifiedAt: writtenAt.get(key) ?? found.modifiedAt };
      },
    },
  };
  /** Parts of the messages that are in the queue, which is empty then; `plan` for the division. */
  const sent = async () => {
    const deliveries = await queue.receive({ max: 10, visibilitySeconds: 30 });
    for (const { receipt } of deliveries) await queue.acknowledge(receipt);
    const partOf = (message: QueueMessage) => (message.type === 'extract' ? (message.part ?? 'plan') : message.type);
    return deliveries.map(({ message }) => partOf(message)).toSorted();
  };
  return { world: timed, queue, clock: world.clock, sent };
}

test('the message of a division is sent again once nothing has happened for ten minutes, whatever else is in the queue', async () => {
  const { world, queue, clock, sent } = extractionWorld();
  const acceptedAt = clock.now();
  await queue.send({ type: 'check', upload: 'upload-1', part: 0 });
  await clock.advance(QUIET_PART_SECONDS - 1);
  expect(await resendLost(own, acceptedAt, world)).toBe(false);
  await clock.advance(1);
  expect(await resendLost(own, acceptedAt, world)).toBe(true);
  expect(await sent()).toEqual(['check', 'plan']);
});

test('of each chain the first part that is not complete is sent again, unless something has just happened to it', async () => {
  const { world, clock, sent } = extractionWorld();
  const acceptedAt = clock.now();
  await createDocument(world.store, extractionPlanDocument, keys.plan, plan);
  await recordPart(keys, 0, plan.parts, world.store);
  await recordPart(keys, 3, plan.parts, world.store);
  await recordPart(keys, 1, plan.parts, world.store);
  await clock.advance(QUIET_PART_SECONDS - 60);
  // Part 2 is at work; part 1 was complete long ago, and the message of part 4 is lost, like that of part 6.
  await beginCall(keys, 2, world.store, clock);
  await clock.advance(60);
  expect(await resendLost(own, acceptedAt, world)).toBe(true);
  expect(await sent()).toEqual([4, 6]);
  await clock.advance(QUIET_PART_SECONDS);
  expect(await resendLost(own, clock.now(), world), 'just sent').toBe(false);
});

test('a part that waits in a long queue gets copies after growing pauses, an hour at most', async () => {
  const { world, clock, sent } = extractionWorld();
  await createDocument(world.store, extractionPlanDocument, keys.plan, { ...plan, parts: 1 });
  const minutes: number[] = [];
  let sentAt = clock.now();
  for (let minute = 1; minute <= 240; minute++) {
    await clock.advance(60);
    if (!(await resendLost(own, sentAt, world))) continue;
    sentAt = clock.now();
    minutes.push(minute);
    expect(await sent()).toEqual([0]);
  }
  expect(minutes).toEqual([10, 20, 40, 80, 140, 200]);
});

test.each<[string, string[], (number | 'plan')[]]>([
  ['the way from a part to the root was left', [keys.done(1, 2), keys.done(2, 1), keys.done(3, 0)], [4]],
  ['two ways were left', [keys.done(1, 0), keys.done(1, 3), keys.done(2, 0), keys.done(2, 1), keys.done(3, 0)], [0, 6]],
  ['only the root is missing', [keys.done(3, 0)], [0]],
  ['the job was not sent to its training', [], [0]],
])('if all parts are complete and %s, messages repeat what functions did not do', async (_, missing, expected) => {
  const { world, clock, sent } = extractionWorld();
  const acceptedAt = clock.now();
  await createDocument(world.store, extractionPlanDocument, keys.plan, plan);
  for (let part = 0; part < plan.parts; part++) await recordPart(keys, part, plan.parts, world.store);
  for (const key of missing) await world.store.delete(key);
  await clock.advance(QUIET_PART_SECONDS);
  expect(await resendLost(own, acceptedAt, world)).toBe(true);
  const parts = await sent();
  expect(parts).toEqual(expected);
  const ends = [];
  for (const part of parts) if (typeof part === 'number') ends.push(await recordPart(keys, part, plan.parts, world.store));
  expect(ends.at(-1), 'the last one finds that all are complete').toBe(true);
});
