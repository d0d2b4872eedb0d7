/** CloudWatch of an emulator, as far as alarms go, by its JSON protocol. */
import { AwsV4Signer } from 'aws4fetch';
import { z } from 'zod';

const Dimension = z.object({ Name: z.string(), Value: z.string() });
const Alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().optional(),
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(Dimension),
  Statistic: z.string(),
  Period: z.number(),
  EvaluationPeriods: z.number(),
  Threshold: z.number(),
  ComparisonOperator: z.string(),
  TreatMissingData: z.string(),
  StateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
});
export type Alarm = z.infer<typeof Alarm>;

/** The one alarm of a deployed stack that watches this queue. */
export async function alarmOf(queueUrl: string): Promise<Alarm> {
  const { MetricAlarms } = z.object({ MetricAlarms: z.array(Alarm) }).parse(await call('DescribeAlarms', {}));
  const name = queueUrl.split('/').at(-1);
  const found = MetricAlarms.filter(({ Dimensions }) => Dimensions.some(({ Value }) => Value === name));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} alarms watch ${name}`);
  return found[0];
}

/** The newest value of the metric that an alarm watches; undefined where there is none yet. */
export async function metricOf({ Namespace, MetricName, Dimensions, Statistic, Period }: Alarm): Promise<number | undefined> {
  const EndTime = Math.ceil(Date.now() / 1000) + Period;
  const asked = { Namespace, MetricName, Dimensions, Period, Statistics: [Statistic], StartTime: EndTime - 3 * Period, EndTime };
  const { Datapoints } = z
    .object({ Datapoints: z.array(z.record(z.string(), z.unknown())) })
    .parse(await call('GetMetricStatistics', asked));
  const values = Datapoints.map((point) => z.number().parse(point[Statistic]));
  return values.length === 0 ? undefined : Math.max(...values);
}

/** Lets CloudWatch look at the metric now, as it does at the end of each period: the alarm is put again, just as it is. */
export async function evaluate({ StateValue: _, ...alarm }: Alarm): Promise<void> {
  await call('PutMetricAlarm', alarm);
}

async function call(action: string, input: object): Promise<unknown> {
  const { AWS_ENDPOINT_URL: url = '', AWS_REGION: region = '' } = process.env;
  const signed = await new AwsV4Signer({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `GraniteServiceVersion20100801.${action}` },
    body: JSON.stringify(input),
    accessKeyId: 'test',
    secretAccessKey: 'test',
    service: 'monitoring',
    region,
  }).sign();
  const response = await fetch(signed.url, { method: signed.method, headers: signed.headers, body: signed.body ?? null });
  const text = await response.text();
  if (!response.ok) throw new Error(`${action}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
