import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { contextOf } from '../../cli/commands/deploy.ts';
import { routes } from '../../functions/api/routes.ts';
import { functionNames } from '../../infra/bundles/functions.ts';
import { readName, readSettings } from '../../infra/settings.ts';
import { StorageStack } from '../../infra/storage-stack.ts';
import { START_LEASE_SECONDS } from '../../lib/jobs/start-lease.ts';
import { statementsOf, synthStacks, textOf, withoutHashes } from '../support/aws/stacks.ts';

const { graft, findings } = synthStacks({ gpu: false });

test('cdk-nag finds nothing that is not explained', () => {
  expect(findings).toEqual([]);
});

test('everything but routes is as it was seen last', () => {
  const { Resources, ...rest } = withoutHashes(graft) as { Resources: Record<string, { Type: string }> };
  const seen = Object.entries(Resources).filter(([, { Type }]) => Type !== 'AWS::ApiGatewayV2::Route');
  expect({ ...rest, Resources: Object.fromEntries(seen) }).toMatchSnapshot();
});

describe('storage', () => {
  test('both buckets are encrypted, closed to the public, and outlive the stack', () => {
    graft.resourceCountIs('AWS::S3::Bucket', 2);
    graft.allResources('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: Match.objectLike({
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      }),
    });
  });

  test('both buckets refuse whoever speaks without TLS, or with an old one', () => {
    const refused = (condition: object) => Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition: condition });
    graft.resourceCountIs('AWS::S3::BucketPolicy', 2);
    graft.allResourcesProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: Match.objectLike({
        Statement: [
          refused({ Bool: { 'aws:SecureTransport': 'false' } }),
          refused({ NumericLessThan: { 's3:TlsVersion': 1.2 } }),
        ],
      }),
    });
  });

  test('what can be made again and what failed expires; images and models stay', () => {
    const [data, models] = Object.values(graft.findResources('AWS::S3::Bucket')).map(({ Properties }) => Properties);
    const expiring = data?.LifecycleConfiguration.Rules.filter((rule: object) => 'ExpirationInDays' in rule);
    const days = (rules: { Prefix: string; ExpirationInDays: number }[]) =>
      Object.fromEntries(rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays]));
    expect(days(expiring)).toEqual({
      'features/': 30,
      'splits/': 30,
      'exports/': 30,
      'imports/': 7,
      'answers/': 7,
      'idempotency/': 7,
      'events/': 90,
      'extractions/': 7,
      'webhooks/': 30,
      'refused/': 30,
      'checkpoints/': 30,
    });
    expect(models?.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(JSON.stringify(models?.LifecycleConfiguration.Rules)).not.toContain('"ExpirationInDays"');
  });

  test('pages of this machine may use signed uploads, and others only when they are named', () => {
    const origins = (template: typeof graft) =>
      Object.values(template.findResources('AWS::S3::Bucket')).flatMap(
        ({ Properties }) => Properties.CorsConfiguration?.CorsRules[0].AllowedOrigins ?? [],
      );
    expect(origins(graft)).toEqual(['http://127.0.0.1:*', 'http://localhost:*']);
    const app = new App({ context: { origins: 'https://one.example,https://two.example' } });
    const storage = new StorageStack(app, 'GraftStorage', { settings: readSettings(app.node) });
    expect(origins(Template.fromStack(storage))).toEqual(['https://one.example', 'https://two.example']);
  });
});

describe('buckets that an earlier deployment left', () => {
  const where = { 'graft:account': '111122223333', 'graft:region': 'eu-central-1' };
  const bucketsOf = (context: Record<string, unknown>) =>
    Object.values(synthStacks({ gpu: false, consoleSite: 'true', ...where, ...context }).graft.findResources('AWS::S3::Bucket'));
  const buckets = bucketsOf({});

  test('can be imported: their names are text, and they stay unless a first deployment made and lost them', () => {
    expect(buckets.map(({ Properties }) => Properties.BucketName)).toEqual([
      'graft-data-111122223333-eu-central-1',
      'graft-models-111122223333-eu-central-1',
      'graft-console-111122223333-eu-central-1',
    ]);
    for (const { DeletionPolicy } of buckets) expect(DeletionPolicy).toBe('RetainExceptOnCreate');
  });

  test('stay if the deployment that imports them fails', () => {
    for (const { DeletionPolicy, UpdateReplacePolicy } of bucketsOf({ 'graft:import': 'true' }))
      expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
  });

  test('have no rules in the template that imports them, so that the next one differs in all rules', () => {
    const rules = ['CorsConfiguration', 'LifecycleConfiguration'];
    const [data, models] = buckets.map(({ Properties }) => Properties);
    const imported = bucketsOf({ 'graft:import': 'true' }).map(({ Properties }) => Properties);
    for (const Properties of [data, models]) expect(Object.keys(Properties)).toEqual(expect.arrayContaining(rules));
    const without = (Properties: object) =>
      Object.fromEntries(Object.entries(Properties).filter(([key]) => !rules.includes(key)));
    expect(imported.slice(0, 2)).toEqual([data, models].map(without));
  });
});

describe('queues', () => {
  test('each has a dead-letter queue, TLS, encryption, and an alarm on what was given up', () => {
    const queues = Object.values(graft.findResources('AWS::SQS::Queue')).map(({ Properties }) => Properties);
    const work = queues.filter(({ RedrivePolicy }) => RedrivePolicy !== undefined);
    expect(work).toHaveLength(4);
    // Without a free function, a delivery counts as well. Each delivery of a webhook is a try of its own.
    const hours = work.map(({ RedrivePolicy, VisibilityTimeout }) => (RedrivePolicy.maxReceiveCount * VisibilityTimeout) / 3600);
    expect(hours.map((each) => Math.round(each * 10) / 10)).toEqual([1.1, 1, 0.4, 2]);
    expect(queues.filter(({ SqsManagedSseEnabled }) => SqsManagedSseEnabled)).toHaveLength(8);
    graft.resourceCountIs('AWS::SQS::QueuePolicy', 8);
    graft.resourcePropertiesCountIs(
      'AWS::CloudWatch::Alarm',
      { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 1, TreatMissingData: 'notBreaching' },
      4,
    );
  });

  test('each alarm looks at the dead-letter queue of its own queue, and is raised by a single message', () => {
    const { Resources } = graft.toJSON();
    const alarms = Object.values(graft.findResources('AWS::CloudWatch::Alarm', { Properties: { Namespace: 'AWS/SQS' } }));
    const watched = alarms.map(({ Properties }) => {
      const [{ Name, Value }] = Properties.Dimensions;
      expect({ Name, Statistic: Properties.Statistic, EvaluationPeriods: Properties.EvaluationPeriods }).toEqual({
        Name: 'QueueName',
        Statistic: 'Maximum',
        EvaluationPeriods: 1,
      });
      expect(Properties.ComparisonOperator).toBe('GreaterThanOrEqualToThreshold');
      return Value['Fn::GetAtt'][0];
    });
    const targets = Object.values<{ Type: string; Properties: { RedrivePolicy?: { deadLetterTargetArn: object } } }>(Resources)
      .filter(({ Type }) => Type === 'AWS::SQS::Queue')
      .flatMap(({ Properties: { RedrivePolicy } }) => (RedrivePolicy ? [RedrivePolicy.deadLetterTargetArn] : []))
      .map((arn) => (arn as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0]);
    expect(watched.sort()).toEqual(targets.sort());
  });

  test('a function takes one message at a time, says which failed, and never longer than the message is hidden', () => {
    const sources = Object.values(graft.findResources('AWS::Lambda::EventSourceMapping')).map(({ Properties }) => Properties);
    expect(sources).toHaveLength(4);
    for (const { BatchSize, FunctionResponseTypes, EventSourceArn, FunctionName } of sources) {
      expect({ BatchSize, FunctionResponseTypes }).toEqual({ BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] });
      const { Resources } = graft.toJSON();
      const hidden = Resources[EventSourceArn['Fn::GetAtt'][0]].Properties.VisibilityTimeout;
      expect(hidden).toBeGreaterThan(Resources[FunctionName.Ref].Properties.Timeout);
    }
  });
});

describe('functions', () => {
  const functions = Object.values(graft.findResources('AWS::Lambda::Function')).map(({ Properties }) => Properties);

  test('all run Node 22 on x86-64, and know where the parts are', () => {
    expect(functions).toHaveLength(functionNames.length);
    for (const { Runtime, Architectures, Handler, Environment } of functions) {
      expect({ Runtime, Architectures, Handler }).toEqual({
        Runtime: 'nodejs22.x',
        Architectures: ['x86_64'],
        Handler: 'index.handler',
      });
      expect(Environment.Variables, 'without the GPU stack no queue of machines').not.toHaveProperty('GRAFT_BATCH_QUEUE');
      expect(Object.keys(Environment.Variables)).toEqual(
        expect.arrayContaining(['GRAFT_DATA_BUCKET', 'GRAFT_MODEL_BUCKET', 'GRAFT_IMPORT_QUEUE_URL', 'GRAFT_TRAINING_QUEUE_URL']),
      );
    }
  });

  test('no function has the key or the token of anything in its environment', () => {
    const names = functions.flatMap(({ Environment }) => Object.keys(Environment.Variables));
    // Where a secret lies is none.
    expect(names.filter((name) => /(?:SECRET|TOKEN|PASSWORD|KEY)$/.test(name))).toEqual([]);
  });

  test('the training function has all that Lambda gives, and is never started twice for one attempt', () => {
    graft.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 10_240, Timeout: 900 });
    graft.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
  });

  test('a function whose messages and calls can lead back to itself may repeat as often as its work needs', () => {
    const named = Object.entries(graft.findResources('AWS::Lambda::Function'));
    const consumers = Object.values(graft.findResources('AWS::Lambda::EventSourceMapping')).map(({ Properties }) => ({
      resource: textOf(Properties.EventSourceArn),
      name: Properties.FunctionName.Ref as string,
    }));
    const receivers = [...consumers, ...named.map(([name]) => ({ resource: `<${name}.Arn>`, name }))];
    const follow = (name: string) => {
      const role = graft.toJSON().Resources[name].Properties.Role['Fn::GetAtt'][0];
      const reached = statementsOf(graft)
        .filter(({ who, actions }) => who === role && /sqs:SendMessage|lambda:InvokeFunction/.test(actions.join()))
        .flatMap(({ resources }) => resources);
      return receivers.filter(({ resource }) => reached.includes(resource)).map((receiver) => receiver.name);
    };
    const loops = (name: string) => {
      const found = new Set(follow(name));
      for (const next of found) for (const after of follow(next)) found.add(after);
      return found.has(name);
    };
    const kind = (name: string) => name.replace(/^Functions|Function[0-9A-F]*$/g, '');
    const inLoops = named.filter(([name]) => loops(name)).map(([name]) => kind(name));
    expect(inLoops.sort()).toEqual(['Dispatch', 'Extract', 'Import', 'Train']);
    const allowed = named.filter(([, { Properties }]) => Properties.RecursiveLoop === 'Allow').map(([name]) => kind(name));
    expect(allowed.sort()).toEqual(inLoops);
  });

  test('an attempt is waited for longer than Lambda keeps the call that starts it', () => {
    const [config] = Object.values(graft.findResources('AWS::Lambda::EventInvokeConfig'));
    expect(config?.Properties.MaximumEventAgeInSeconds).toBeLessThan(START_LEASE_SECONDS - 60);
  });

  test('the dispatcher knows how many trainings may run at once', () => {
    const Environment = { Variables: Match.objectLike({ GRAFT_MAX_TRAININGS: '5' }) };
    graft.resourcePropertiesCountIs('AWS::Lambda::Function', { Environment, Timeout: 30 }, 1);
    graft.resourcePropertiesCountIs('AWS::Lambda::Function', { Environment }, 1);
  });

  test('functions that extract features have all that Lambda gives, few at once by default, and as many as was said', () => {
    const functionNamed = Match.objectLike({ Ref: Match.stringLikeRegexp('^FunctionsExtract') });
    const withMost = (MaximumConcurrency: number) => ({ FunctionName: functionNamed, ScalingConfig: { MaximumConcurrency } });
    graft.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 10_240, Timeout: 180, RecursiveLoop: 'Allow' });
    graft.hasResourceProperties('AWS::Lambda::EventSourceMapping', withMost(5));
    const { graft: many } = synthStacks({ gpu: false, maxExtractions: '200' });
    many.hasResourceProperties('AWS::Lambda::EventSourceMapping', withMost(200));
    const Environment = { Variables: Match.objectLike({ GRAFT_EXTRACTION_FUNCTIONS: '200' }) };
    many.allResourcesProperties('AWS::Lambda::Function', { Environment });
  });

  test('jobs are planned for functions that extract features only if these have all memory that Lambda gives', () => {
    const { graft: small } = synthStacks({ gpu: false, trainingMemory: '3008' });
    const Variables = {
      GRAFT_EXTRACTION_QUEUE_URL: Match.anyValue(),
      GRAFT_EXTRACTION_FUNCTIONS: Match.absent(),
      GRAFT_TRAINING_MEMORY: '3008',
    };
    small.allResourcesProperties('AWS::Lambda::Function', { Environment: { Variables: Match.objectLike(Variables) } });
  });

  test('the tracker may complete a part whose function died, and send the next one', () => {
    const ofTracker = statementsOf(graft).filter(({ who }) => who.startsWith('FunctionsTrack'));
    const may = (action: string, resource: RegExp) =>
      ofTracker.some(({ actions, resources }) => actions.includes(action) && resources.some((one) => resource.test(one)));
    expect(may('s3:PutObject', /extractions\/\*$/)).toBe(true);
    expect(may('sqs:SendMessage', /^<QueuesExtractionsQueue/)).toBe(true);
  });

  test('every log is kept for as long as was said, and goes with the stack', () => {
    graft.resourceCountIs('AWS::Logs::LogGroup', functions.length + 1);
    graft.allResources('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: Match.objectLike({ RetentionInDays: 30 }),
    });
  });
});

describe('the API', () => {
  test('has every route of the table and no other, each for signed requests only', () => {
    const made = Object.values(graft.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties }) => Properties);
    expect(made.map(({ RouteKey }) => RouteKey).sort()).toEqual(
      routes.map(({ contract }) => `${contract.method} ${contract.path}`).sort(),
    );
    for (const { AuthorizationType } of made) expect(AuthorizationType).toBe('AWS_IAM');
  });

  test('gives predictions to the function that holds onnxruntime', () => {
    const integrations = graft.findResources('AWS::ApiGatewayV2::Integration');
    const functionOf = ({ Properties }: { Properties: { Target: { 'Fn::Join': [string, [string, { Ref: string }]] } } }) =>
      integrations[Properties.Target['Fn::Join'][1][1].Ref]?.Properties.IntegrationUri['Fn::GetAtt'][0];
    const predict = graft.findResources('AWS::ApiGatewayV2::Route', {
      Properties: { RouteKey: 'POST /v1/models/{ref}/predict' },
    });
    const health = graft.findResources('AWS::ApiGatewayV2::Route', { Properties: { RouteKey: 'GET /v1/health' } });
    expect(functionOf(Object.values(predict)[0] as never)).toMatch(/^FunctionsPredict/);
    expect(functionOf(Object.values(health)[0] as never)).toMatch(/^FunctionsApi/);
  });

  test('is throttled, and logs who asked for what but no body and no signature', () => {
    graft.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 },
      AccessLogSettings: { Format: Match.not(Match.stringLikeRegexp('body|authorization|header')) },
    });
  });
});

describe('events', () => {
  test('the end of a job is heard of our own queue only', () => {
    const [rule] = Object.values(graft.findResources('AWS::Events::Rule', { Properties: { EventPattern: Match.anyValue() } }));
    const { EventPattern } = rule!.Properties;
    expect(EventPattern).toMatchObject({ source: ['aws.batch'], 'detail-type': ['Batch Job State Change'] });
    expect(EventPattern.detail.status).toEqual(['SUCCEEDED', 'FAILED']);
    expect(JSON.stringify(EventPattern.detail.jobQueue)).toContain('job-queue/graft-gpu');
  });

  test('lost jobs are looked for each minute', () => {
    graft.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
  });
});

describe('settings', () => {
  test('with an issuer every route takes its tokens instead of signatures', () => {
    const { graft: withJwt } = synthStacks({ gpu: false, jwtIssuer: 'https://login.example.com', jwtAudience: 'graft' });
    withJwt.allResourcesProperties('AWS::ApiGatewayV2::Route', { AuthorizationType: 'JWT' });
    withJwt.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      JwtConfiguration: { Audience: ['graft'], Issuer: 'https://login.example.com' },
    });
    // The log names the caller by what the authorizer knows.
    const logged = (template: typeof graft) =>
      Object.values(template.findResources('AWS::ApiGatewayV2::Stage')).map(
        ({ Properties }) => JSON.parse(Properties.AccessLogSettings.Format).caller,
      );
    expect(logged(withJwt)).toEqual(['$context.authorizer.claims.sub']);
    expect(logged(graft)).toEqual(['$context.identity.caller']);
  });

  test('with an address and a sum there is a budget, and alarms are sent', () => {
    const { graft: watched, findings: found } = synthStacks({ gpu: false, alertEmail: 'me@example.com', monthlyBudget: '50' });
    expect(found).toEqual([]);
    watched.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: {
        BudgetType: 'COST',
        TimeUnit: 'MONTHLY',
        BudgetLimit: { Amount: 50, Unit: 'USD' },
        CostFilters: { TagKeyValue: ['user:graft$graft'] },
      },
      NotificationsWithSubscribers: [
        ['ACTUAL', 80],
        ['FORECASTED', 100],
      ].map(([NotificationType, Threshold]) => ({
        Notification: { NotificationType, Threshold, ThresholdType: 'PERCENTAGE', ComparisonOperator: 'GREATER_THAN' },
        Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'me@example.com' }],
      })),
    });
    watched.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'me@example.com' });
    watched.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: Match.anyValue() });
  });

  test('without a sum there is no budget', () => {
    graft.resourceCountIs('AWS::Budgets::Budget', 0);
    synthStacks({ gpu: false, alertEmail: 'me@example.com' }).graft.resourceCountIs('AWS::Budgets::Budget', 0);
  });

  test.each([
    ['name', 'Graft', /name/],
    ['logDays', '31', /logDays/],
    ['trainingMemory', '20000', /trainingMemory/],
    ['jwtIssuer', 'nowhere', /jwtIssuer/],
    ['monthlyBudget', '-1', /monthlyBudget/],
    ['monthlyBudget', '50', /does not fit: monthlyBudget: expected alertEmail/],
    ['jwtIssuer', 'https://login.example.com', /does not fit: jwtIssuer: expected both/],
    ['jwtAudience', 'graft', /does not fit: jwtIssuer: expected both/],
    ['sourceBucket', 'photos', /does not exist: sourceBucket; did you mean sourceBuckets\?/],
    ['monthlybudget', '50', /does not exist: monthlybudget; did you mean monthlyBudget\?/],
    ['maxExtractions', '1', /maxExtractions/],
    ['maxExtractions', '1001', /maxExtractions/],
    ['sourceBuckets', 'photos,*', /sourceBuckets/],
    ['sourceBuckets', 's3://photos', /sourceBuckets/],
  ])('%s = %s is refused, and named', (key, value, message) => {
    expect(() => synthStacks({ gpu: false, [key]: value })).toThrow(message);
  });

  const settingsOf = (context: Record<string, unknown>) => readSettings(new App({ context }).node);

  test('an unknown key is refused if it was set as a setting, with those that there are', () => {
    const where = { account: '111122223333', arn: '', region: 'eu-central-1' };
    const contextWith = (...set: string[]) =>
      Object.fromEntries(
        contextOf({ name: 'graft', gpu: false, set: ['alertEmail=me@example.com', ...set] }, where)
          .filter((word) => word !== '--context')
          .map((setting) => setting.split(/=(.*)/s)),
      );
    expect(() => settingsOf(contextWith('dollars=50'))).toThrow(/not exist: dollars; there are name, gpu, /);
    expect(settingsOf(contextWith('monthlyBudget=50'))).toMatchObject({ gpu: false, monthlyBudget: 50 });
    expect(contextWith()).toMatchObject({ 'graft:account': '111122223333', 'graft:region': 'eu-central-1' });
  });

  test.each([
    '@aws-cdk/core:stackRelativeExports',
    'aws:cdk:bundling-stacks',
    'aws-cdk:enableDiffNoFail',
    'availability-zones:account=123456789012:region=eu-central-1',
    'hosted-zone:account=123456789012:domainName=example.com:region=eu-central-1',
    'acknowledged-issue-numbers',
    'cli-telemetry',
    'stage',
  ])("%s of CDK's or the user's context is no setting, and refused by nobody", (key) => {
    expect(settingsOf({ [key]: 'a' })).toMatchObject({ name: 'graft' });
  });

  test('a deployment can be removed whatever its other settings are', () => {
    expect(readName(new App({ context: { name: 'mine', monthlyBudget: '-1' } }).node)).toBe('mine');
  });
});

describe('buckets of external images', () => {
  const sources = synthStacks({ sourceBuckets: 'photos,archive/labelled' });
  const reads = (template: typeof graft) =>
    statementsOf(template).filter(({ resources }) => resources.some((resource) => /:::(?:photos|archive)/.test(resource)));

  test('are read, and no more, by what imports and what trains', () => {
    expect(sources.findings).toEqual([]);
    const said = [...reads(sources.graft), ...reads(sources.gpu ?? graft)].map(({ who, actions, resources }) => {
      const paths = resources.map((resource) => resource.replace(/^.*:::/, ''));
      return `${who.replace(/Role[0-9A-F]*$/, '')}: ${actions.join(', ')} on ${paths.join(', ')}`;
    });
    const each = (who: string) => [
      `${who}: s3:GetObject, s3:GetObjectVersion on archive/labelled/*`,
      `${who}: s3:GetObject, s3:GetObjectVersion on photos/*`,
      `${who}: s3:ListBucket on archive`,
      `${who}: s3:ListBucket on photos`,
    ];
    expect(said.sort()).toEqual([
      ...each('FunctionsExtract'),
      ...each('FunctionsImport'),
      ...each('FunctionsTrain'),
      ...each('Job'),
    ]);
  });

  test('are listed below the prefix that was named, and by their names known to every part', () => {
    const policies = JSON.stringify(sources.graft.toJSON());
    expect(policies).toContain('"Condition":{"StringLike":{"s3:prefix":["labelled/*"]}}');
    sources.graft.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ GRAFT_SOURCE_BUCKETS: 'photos,archive/labelled/' }) },
    });
  });

  test('are none unless they are named', () => {
    graft.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ GRAFT_SOURCE_BUCKETS: Match.absent() }) },
    });
  });
});

describe('permissions', () => {
  const statements = statementsOf(graft).filter(({ resources }) => resources.some((resource) => resource.includes('*')));

  test('each wildcard of each role is known, and a new one fails here', () => {
    const lines = statements.map(({ who, actions, resources }) => {
      const role = who.replace(/^Functions|Role.*$/g, '');
      return `${role}: ${actions.join(', ')} on ${resources.filter((resource) => resource.includes('*')).join(', ')}`;
    });
    expect(lines.sort()).toMatchSnapshot();
  });

  test(
    'images, and what refers to them, are removed by the import function alone; it changes no data set of its own ' + 'accord',
    () => {
      const removed = (prefix: string) =>
        statements
          .filter(
            ({ actions, resources }) => actions.includes('s3:DeleteObject') && resources.some((r) => r.endsWith(`/${prefix}/*`)),
          )
          .map(({ who }) => who.replace(/^Functions|Role.*$/g, ''));
      for (const prefix of [
        'blobs',
        'manifests',
        'reports',
        'uploads',
        'upload-parts',
        'places',
        'checks',
        'features',
        'trunks',
        'splits',
        'collection',
      ])
        expect({ prefix, by: removed(prefix) }).toEqual({ prefix, by: ['Import'] });
      for (const prefix of ['datasets', 'jobs', 'registry']) expect({ prefix, by: removed(prefix) }).toEqual({ prefix, by: [] });
    },
  );

  test('removal marks are read by what takes uploads, and the daily collection is asked for by what runs each minute', () => {
    const may = (who: string, action: string, end: string) =>
      statementsOf(graft).some(
        (s) => s.who.startsWith(`Functions${who}`) && s.actions.includes(action) && s.resources.some((r) => r.includes(end)),
      );
    expect(may('Api', 's3:GetObject', '/collection/*')).toBe(true);
    expect(may('Api', 's3:PutObject', '/collection/*')).toBe(false);
    expect(may('Track', 's3:PutObject', '/collection/*')).toBe(true);
    expect(may('Track', 'sqs:SendMessage', 'QueuesImports')).toBe(true);
  });

  test('whatever may write objects may remove the parts of one that failed, and nothing else may', () => {
    const writing = statementsOf(graft).filter(({ actions }) => /s3:(?:PutObject|AbortMultipartUpload)/.test(actions.join()));
    expect(writing.length).toBeGreaterThan(0);
    for (const { actions } of writing) expect(actions).toEqual(['s3:PutObject', 's3:AbortMultipartUpload']);
  });

  test('no action is a wildcard', () => {
    const actions = statementsOf(graft).flatMap((statement) => statement.actions);
    // The policies of buckets and queues deny everything to whoever comes without TLS.
    expect(new Set(actions.filter((action) => action.includes('*')))).toEqual(new Set(['s3:*', 'sqs:*']));
  });

  test(
    'only what trains, what changes aliases and what removes expired versions may write to the model bucket, and nobody may write into a bucket at ' +
      'large',
    () => {
      const writers = statementsOf(graft).filter(
        ({ actions, resources }) =>
          actions.includes('s3:PutObject') && resources.some((resource) => resource.includes('graft-models-')),
      );
      expect(writers.map(({ who }) => who.replace(/Role.*$/, '')).sort()).toEqual([
        'FunctionsApi',
        'FunctionsExtract',
        'FunctionsImport',
        'FunctionsTrain',
      ]);
      const objects = statementsOf(graft).filter(({ actions }) =>
        actions.some((action) => action.startsWith('s3:') && action.endsWith('Object')),
      );
      for (const { resources } of objects) for (const resource of resources) expect(resource).toMatch(/\/[a-z-]+\/\*$/);
    },
  );
});
