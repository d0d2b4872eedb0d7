import { Duration } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import type { Api } from './api.ts';
import type { Functions } from './functions.ts';
import type { Queues } from './queues.ts';

export interface ObservabilityProps {
  readonly settings: Settings;
  readonly api: Api;
  /** Of the console's site. */
  readonly consoleApi: HttpApi | undefined;
  readonly functions: Functions;
  readonly queues: Queues;
}

/** A dashboard, and the alarms of the stack, which go to the email address of the settings if there is one. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, { settings, api, consoleApi, functions, queues }: ObservabilityProps) {
    super(scope, id);
    const alarms = [
      ...queues.all.map(({ alarm }) => alarm),
      this.#alarm('ApiErrors', 'The API responds with server errors.', api.api.metricServerError(every5Minutes), 5),
      this.#alarm('TrainErrors', 'The training function ended in an error.', functions.train.metricErrors(every5Minutes), 1),
      this.#alarm('TrackErrors', 'The tracker of jobs has failed repeatedly.', functions.track.metricErrors(every5Minutes), 3),
      ...(consoleApi === undefined ? [] : [this.#consoleAlarm(consoleApi)]),
    ];
    if (settings.alertEmail !== undefined) {
      // CloudWatch cannot publish to a topic that is encrypted with AWS's managed key; a message names an alarm and
      // contains no data.
      const topic = new Topic(this, 'Alerts', { enforceSSL: true });
      topic.addSubscription(new EmailSubscription(settings.alertEmail));
      for (const alarm of alarms) alarm.addAlarmAction(new SnsAction(topic));
    }
    this.#dashboard(settings, api, functions, queues);
  }

  #consoleAlarm(api: HttpApi): Alarm {
    const description = 'The API of the console answers with errors of its own.';
    return this.#alarm('ConsoleApiErrors', description, api.metricServerError(every5Minutes), 5);
  }

  #alarm(id: string, alarmDescription: string, metric: IMetric, threshold: number): Alarm {
    return new Alarm(this, id, {
      alarmDescription,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  #dashboard({ name }: Settings, { api }: Api, functions: Functions, queues: Queues): void {
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) => new GraphWidget({ title, left, right, width: 12 });
    new Dashboard(this, 'Dashboard', {
      dashboardName: name,
      defaultInterval: Duration.days(1),
      widgets: [
        [
          graph(
            'API',
            [api.metricCount(), api.metricClientError(), api.metricServerError()],
            [api.metricLatency({ statistic: 'p99' })],
          ),
          graph('Predictions', [functions.predict.metricInvocations()], [functions.predict.metricDuration({ statistic: 'p99' })]),
        ],
        [
          graph(
            'Errors',
            functions.all.map((each) => each.metricErrors()),
          ),
          graph(
            'Training',
            [functions.train.metricInvocations()],
            [functions.train.metricDuration({ statistic: Stats.MAXIMUM })],
          ),
        ],
        [
          graph(
            'Waiting',
            queues.all.map(({ queue }) => queue.metricApproximateNumberOfMessagesVisible()),
          ),
          graph(
            'Dead letters',
            queues.all.map(({ deadLetters }) => deadLetters.metricApproximateNumberOfMessagesVisible()),
          ),
        ],
      ],
    });
  }
}

const every5Minutes = { period: Duration.minutes(5), statistic: Stats.SUM };
