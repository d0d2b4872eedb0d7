/** What the Lambda functions share: logs and metrics by Powertools, and the world in AWS. Lambda itself sends traces. */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context, Handler } from 'aws-lambda';
import { type AwsWorld, openAwsWorld } from '../lib/aws/aws-world.ts';
import { powertoolsLog } from '../lib/aws/powertools-log.ts';

const logger = new Logger({ serviceName: 'graft' });
const metrics = new Metrics({ namespace: 'Graft', serviceName: 'graft' });

/** Opened when the function starts, and reused while it stays warm. */
export function openLambdaWorld(): AwsWorld {
  return openAwsWorld(process.env, powertoolsLog(logger, metrics));
}

/** Wraps a handler: its log lines name the request. */
export function instrument<Event, Result>(handle: (event: Event, context: Context) => Promise<Result>): Handler<Event, Result> {
  const handler = middy<Event, Result>().use(injectLambdaContext(logger)).handler(handle);
  return (event, context) => handler(event, context);
}
