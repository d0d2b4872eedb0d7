import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Log } from '../ports.ts';

/** Events that are also counted as metrics, for alarms and dashboards. */
const COUNTED: Readonly<Record<string, string>> = {
  'attempt.started': 'AttemptsStarted',
  'attempt.failed': 'AttemptsFailed',
  'dataset.imported': 'Imports',
  'import.failed': 'ImportsFailed',
  'import.interrupted': 'ImportsContinued',
  'message.failed': 'MessagesFailed',
  'request.failed': 'RequestsFailed',
};

/** Creates the log of a Lambda function: one JSON line per event, and a metric for counted events. */
export function powertoolsLog(logger: Logger, metrics: Metrics): Log {
  return (event, values = {}) => {
    if (event.endsWith('.failed')) logger.error(event, { ...values });
    else logger.info(event, { ...values });
    const metric = COUNTED[event];
    if (metric !== undefined) metrics.singleMetric().addMetric(metric, MetricUnit.Count, 1);
  };
}
