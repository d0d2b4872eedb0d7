/**
 * Functions of a deployment in a process that may be killed. The dispatcher receives messages of its queue; the parent
 * process and a timer call the tracker.
 */
import { SQSClient } from '@aws-sdk/client-sqs';
import { handler as dispatch } from '../../../functions/dispatch/main.ts';
import { handler as track } from '../../../functions/track/main.ts';
import { clientSettings } from '../../../lib/aws/clients.ts';
import { clockEvent, deliverOne, invoke } from '../lambda-events.ts';

const CLOCK_MS = 2000;

process.on('disconnect', () => process.exit(0));
process.on('message', (event) => void call(() => invoke(track, event)));
process.send?.('ready');
void repeat(CLOCK_MS, () => invoke(track, clockEvent));
const sqs = new SQSClient(clientSettings());
await repeat(0, () => deliverOne(sqs, process.env.GRAFT_TRAINING_QUEUE_URL ?? '', dispatch));

async function repeat(pauseMs: number, work: () => Promise<unknown>): Promise<never> {
  for (;;) {
    await call(work);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** A function that fails is called again, or its message comes again. */
async function call(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => process.stderr.write(`${error instanceof Error ? error.stack : error}\n`));
}
