import { expect, test } from 'vitest';
import { takeMessages } from '../../../functions/local/take-messages.ts';
import { testWorld } from '../../support/world.ts';

const message = { type: 'train', job: 'trash' } as const;

test('a message is acknowledged after its work, and delivered again after a failure', async () => {
  const { queues, clock, events, log } = testWorld();
  const { trainings } = queues;
  const stop = new AbortController();
  for (const job of ['trash', 'glass']) await trainings.send({ type: 'train', job });
  const handled: number[] = [];
  const handle = async () => {
    if (handled.push(await trainings.size()) === 1) throw new Error('the disk is full');
    stop.abort();
  };
  await takeMessages(trainings, handle, { signal: stop.signal, log });
  expect({ handled, events }).toEqual({ handled: [2, 2], events: ['message.failed'] });
  expect(await trainings.size()).toBe(1);
  await clock.advance(61);
  expect(await trainings.receive({ max: 2, visibilitySeconds: 60 })).toMatchObject([{ receiveCount: 2 }]);
});

test('a message that arrives while the worker ends is left to the next one', async () => {
  const { queues, events, log } = testWorld();
  const { trainings } = queues;
  const stop = new AbortController();
  await trainings.send(message);
  const receive: typeof trainings.receive = async (options) => {
    stop.abort();
    return trainings.receive(options);
  };
  await takeMessages({ ...trainings, receive }, () => expect.fail(), { signal: stop.signal, log });
  expect(events).toEqual([]);
  expect(await trainings.receive({ max: 1, visibilitySeconds: 60 })).toMatchObject([{ message, receiveCount: 2 }]);
});

test('a worker without room takes no message', async () => {
  const { queues, events, log } = testWorld();
  const { trainings } = queues;
  const stop = new AbortController();
  await trainings.send(message);
  let looks = 0;
  const mayTake = () => {
    if (++looks === 2) stop.abort();
    return false;
  };
  await takeMessages(trainings, () => expect.fail(), { signal: stop.signal, log, mayTake });
  expect(events).toEqual([]);
  expect(await trainings.receive({ max: 1, visibilitySeconds: 60 })).toMatchObject([{ message, receiveCount: 1 }]);
});
