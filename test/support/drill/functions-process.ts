/**
 * Functions of a deployment in a process that may be killed: `functions-process.ts ROLE`.
 * - `control`: the dispatcher receives messages of its queue; the parent process and a timer call the tracker.
 * - `parts`: functions that extract and check images, two at once, and the one that imports, receive messages.
 * - `api`: the API behind an HTTP server, which gets the events of its function.
 *
 * The process tells its parent `{ port }` when it is ready; only the API has one.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyEventV2, Handler, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { clientSettings } from '../../../lib/aws/clients.ts';
import { requireEnv } from '../../../lib/aws/require-env.ts';
import { clockEvent, deliverOne, invoke, lambdaContext } from '../aws/lambda-events.ts';

const CLOCK_MS = 2000;
const EXTRACTORS = 2;
/** The time limit of functions that extract. */
const CALL_SECONDS = 180;

const sqs = new SQSClient(clientSettings());
const roles: Readonly<Record<string, () => Promise<{ port?: number }>>> = { control, parts, api };

process.on('disconnect', () => process.exit(0));
const start = roles[process.argv[2] ?? ''];
if (start === undefined) throw new Error(`no role ${process.argv[2]}`);
process.send?.(await start());

async function control(): Promise<object> {
  const [dispatch, track] = await Promise.all([
    import('../../../functions/dispatch/main.ts'),
    import('../../../functions/track/main.ts'),
  ]);
  process.on('message', (event) => void call(() => invoke(track.handler, event)));
  void repeat(CLOCK_MS, () => invoke(track.handler, clockEvent));
  receive('GRAFT_TRAINING_QUEUE_URL', dispatch.handler);
  return {};
}

async function parts(): Promise<object> {
  const [extract, imports] = await Promise.all([
    import('../../../functions/extract/main.ts'),
    import('../../../functions/import/main.ts'),
  ]);
  for (let worker = 0; worker < EXTRACTORS; worker++) receive('GRAFT_EXTRACTION_QUEUE_URL', extract.handler, CALL_SECONDS);
  receive('GRAFT_IMPORT_QUEUE_URL', imports.handler);
  return {};
}

async function api(): Promise<{ port: number }> {
  const { handler } = await import('../../../functions/api/main.ts');
  const server = createServer(async (request, response) => {
    response.end(JSON.stringify(await invoke(handler, (await json(request)) as APIGatewayProxyEventV2)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port };
}

/** Hands the messages of a queue to a function, one at a time. */
function receive(queue: string, handler: Handler<SQSEvent, SQSBatchResponse>, seconds?: number): void {
  const url = requireEnv(process.env, queue);
  void repeat(0, () => deliverOne(sqs, url, handler, lambdaContext(seconds)));
}

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
