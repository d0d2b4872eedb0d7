/** What calls Lambda functions in AWS: the HTTP API, SQS, EventBridge. */
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { APIGatewayProxyStructuredResultV2, Context, Handler, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Route } from '../../../functions/api/route.ts';
import type { Transport } from '../../../lib/client/api-request.ts';
import { withRetries } from '../../../lib/client/retry.ts';
import { httpTransport } from '../../../lib/client/transport.ts';

/** @param secondsLeft of the function's time */
export function lambdaContext(secondsLeft = 900): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'graft-test',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:graft-test',
    memoryLimitInMB: '1024',
    awsRequestId: '00000000-0000-0000-0000-000000000000',
    logGroupName: '',
    logStreamName: '',
    getRemainingTimeInMillis: () => secondsLeft * 1000,
    done() {},
    fail() {},
    succeed() {},
  };
}

export async function invoke<Event, Result>(
  handler: Handler<Event, Result>,
  event: Event,
  context = lambdaContext(),
): Promise<Result> {
  return (await handler(event, context, () => {})) as Result;
}

/** A client's way to functions behind an HTTP API; what goes elsewhere, as signed uploads do, goes there. */
export function httpApi(functionOf: (route: Route) => Handler, routes: readonly Route[]): Transport {
  const elsewhere = httpTransport('http://nowhere.invalid');
  return withRetries(async (request) => {
    if (/^https?:/.test(request.url)) return elsewhere(request);
    const url = new URL(request.url, 'http://api');
    const found = routes
      .map((route) => ({ route, match: pattern(route.contract.path).exec(url.pathname) }))
      .find(({ route, match }) => match !== null && route.contract.method === request.method);
    if (found === undefined) throw new Error(`no route for ${request.method} ${url.pathname}`);
    const { method, path } = found.route.contract;
    const answer: APIGatewayProxyStructuredResultV2 = await invoke(functionOf(found.route), {
      version: '2.0',
      routeKey: `${method} ${path}`,
      rawPath: url.pathname,
      rawQueryString: url.search.slice(1),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
      queryStringParameters: Object.fromEntries(url.searchParams),
      pathParameters: Object.fromEntries(
        Object.entries(found.match?.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
      ),
      requestContext: { http: { method, path: url.pathname } },
      body: Buffer.from(request.body ?? []).toString('base64'),
      isBase64Encoded: true,
    });
    return {
      status: answer.statusCode ?? 200,
      headers: answer.headers as Record<string, string>,
      body: Buffer.from(answer.body ?? '', answer.isBase64Encoded ? 'base64' : 'utf8'),
    };
  });
}

/**
 * Hands one message of a queue to a function, as SQS does, if one comes within a second.
 * @returns it, and whether the function took it
 */
export async function deliverOne(
  client: SQSClient,
  url: string,
  handler: Handler<SQSEvent, SQSBatchResponse>,
  context = lambdaContext(),
): Promise<{ event: SQSEvent; taken: boolean } | undefined> {
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    MaxNumberOfMessages: 1,
    WaitTimeSeconds: 1,
    MessageSystemAttributeNames: ['All'],
  });
  const [message] = (await client.send(command)).Messages ?? [];
  if (message === undefined) return undefined;
  const event = sqsEvent(url, message);
  const { batchItemFailures } = await invoke(handler, event, context);
  const taken = batchItemFailures.length === 0;
  const request = { QueueUrl: url, ReceiptHandle: message.ReceiptHandle };
  if (taken) await client.send(new DeleteMessageCommand(request));
  // As when the time is over for which it is hidden.
  else await client.send(new ChangeMessageVisibilityCommand({ ...request, VisibilityTimeout: 0 }));
  return { event, taken };
}

function sqsEvent(url: string, { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }: Message): SQSEvent {
  return {
    Records: [
      {
        messageId: MessageId,
        receiptHandle: ReceiptHandle,
        body: Body,
        attributes: {
          ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? '1',
          SentTimestamp: Attributes.SentTimestamp ?? '0',
          SenderId: Attributes.SenderId ?? '',
          ApproximateFirstReceiveTimestamp: Attributes.ApproximateFirstReceiveTimestamp ?? '0',
        },
        messageAttributes: {},
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:aws:sqs:us-east-1:${url.split('/').slice(-2).join(':')}`,
        awsRegion: 'us-east-1',
      },
    ],
  };
}

/** EventBridge's word that a job of AWS Batch, which has started unless `more` says otherwise, has changed its state. */
export function batchEvent(jobName: string, status: string, more: Record<string, unknown> = {}) {
  return { source: 'aws.batch', 'detail-type': 'Batch Job State Change', detail: { jobName, status, startedAt: 1, ...more } };
}

export const clockEvent = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

/** `/v1/jobs/{id}` as a regular expression with a named group for each parameter. */
function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}
