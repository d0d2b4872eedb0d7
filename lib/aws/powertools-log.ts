import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Log } from '../ports.ts';

/** Events that are counted besides being written: what alarms and dashboards look at. */
const COUNTED: Readonly<Record<string, string>> = {
  'attempt.started': 'AttemptsStarted',
  'attempt.failed': 'AttemptsFailed',
  'dataset.imported': 'Imports',
  'import.failed': 'ImportsFailed',
  'import.interrupted': 'ImportsContinued',
  'message.failed': 'MessagesFailed',
  'request.failed': 'RequestsFailed',
};

/** The log of a Lambda function: one JSON line an event, and a metric for those that count. */
export function powertoolsLog(logger: Logger, metrics: Metrics): Log {
  return (event, values = {}) => {
    if (event.endsWith('.failed')) logger.error(event, { ...values });
    else logger.info(event, { ...values });
    const metric = COUNTED[event];
    if (metric !== undefined) metrics.singleMetric().addMetric(metric, MetricUnit.Count, 1);
  };
}
