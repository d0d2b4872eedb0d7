import { type Duration, RemovalPolicy, type Size, Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, RecursiveLoop, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { explainWildcards, type Grant, policyOf, tracing } from './grants.ts';

export interface NodeFunctionProps {
  readonly description: string;
  /** The folder of its code. */
  readonly folder: string;
  /** MiB; a function gets one core per 1,769 MiB. */
  readonly memory: number;
  readonly timeout: Duration;
  /** Of /tmp. */
  readonly disk?: Size;
  /**
   * Whether its messages and calls may lead back to itself, directly or by other functions: work that waits or continues
   * is sent again. Otherwise Lambda takes that for a mistake, stops the function after 16 times, and makes the message a
   * dead letter.
   */
  readonly mayLoop?: boolean;
  readonly environment: Readonly<Record<string, string>>;
  /** All permissions besides its own log and traces. */
  readonly grants: readonly Grant[];
  readonly logRetention: RetentionDays;
}

/**
 * A Lambda function on Node 22 with its own log group and role. The role's whole policy is written here and by the
 * caller.
 */
export class NodeFunction extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Log', { retention: props.logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const log = { actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [this.logGroup.logGroupArn] };
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { work: policyOf([log, ...props.grants]) },
    });
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      code: Code.fromAsset(props.folder),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.X86_64,
      memorySize: props.memory,
      timeout: props.timeout,
      ...(props.disk !== undefined && { ephemeralStorageSize: props.disk }),
      recursiveLoop: props.mayLoop === true ? RecursiveLoop.ALLOW : RecursiveLoop.TERMINATE,
      environment: { ...props.environment, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
      role,
      logGroup: this.logGroup,
      tracing: Tracing.ACTIVE,
    });
    explainWildcards(this, [tracing, ...props.grants], Stack.of(this));
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-L1',
      reason: 'Node 22, as everywhere in the project: native TensorFlow does not run on a later one.',
    });
  }
}
