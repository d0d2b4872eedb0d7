import { RuntimeError } from '../../lib/errors.ts';
import type { Account } from './account.ts';

/** Known failures of deployments, as CDK, CloudFormation and docker print them, with their fixes. */
const KNOWN: readonly {
  readonly pattern: RegExp;
  readonly code: string;
  readonly expected: string;
  readonly fix: (where: Account) => string;
}[] = [
  {
    pattern: /has not been bootstrapped|cdk bootstrap|bootstrap stack version .* is too old|cdk-bootstrap\/\w+\/version/i,
    code: 'NOT_BOOTSTRAPPED',
    expected: "a region in which CDK has its own bucket and roles, once for all of the account's apps",
    fix: bootstrapCommand,
  },
  {
    pattern: /cannot connect to the docker daemon|docker: (?:command )?not found|spawn docker ENOENT|ENOENT.*docker/i,
    code: 'DOCKER_MISSING',
    expected: 'docker, which builds the training image',
    fix: () => 'start docker, or leave the GPU machines out: graft deploy --no-gpu',
  },
  {
    pattern:
      /bucket[^\n]*already (?:exists|owned)|-(?:data|models|console)-\d{12}-\S* already exists|BucketAlreadyExists|requested bucket name is not available/i,
    code: 'BUCKET_NAME_TAKEN',
    expected: 'names of buckets that no other account and no other stack has',
    fix: ({ region }) =>
      'graft deploy --name NAME; or, if the bucket is yours, aws cloudformation describe-stack-resources ' +
      `--region ${region} --physical-resource-id BUCKET names its stack: if that is a deployment of Graft, remove the ` +
      'stack, which keeps the bucket, and repeat the command',
  },
  {
    pattern: /'MemorySize' value failed to satisfy constraint|MemorySize[^\n]*(?:less than or equal to|limit)/i,
    code: 'LAMBDA_MEMORY_LIMIT',
    expected: 'an account whose functions may have 10,240 MiB; a new one may have 3,008',
    fix: () => 'repeat the command with --set trainingMemory=3008, and ask AWS support for more',
  },
  {
    pattern: /AccessDenied|is not authorized to perform|UnauthorizedOperation/i,
    code: 'DEPLOYMENT_DENIED',
    expected: 'credentials that may deploy',
    fix: ({ account }) => `use a role of account ${account} that may deploy with CDK: docs/deploy.md says what it needs`,
  },
  {
    pattern: /ExpiredToken|security token included in the request is (?:invalid|expired)|Unable to resolve AWS account/i,
    code: 'CREDENTIALS_REFUSED',
    expected: 'credentials that AWS accepts',
    fix: () => 'aws sso login, or new keys with aws configure',
  },
  {
    pattern: /UPDATE_ROLLBACK_FAILED/,
    code: 'STACK_BROKEN',
    expected: 'a stack that can be changed',
    fix: () => 'aws cloudformation continue-update-rollback --stack-name STACK, then graft deploy',
  },
  {
    // After UPDATE_ROLLBACK_COMPLETE, the stack works as before the update, and can be updated again.
    pattern: /(?<!UPDATE_)ROLLBACK_COMPLETE|ROLLBACK_FAILED|is in [A-Z_]*FAILED state/,
    code: 'STACK_BROKEN',
    expected: 'a stack that can be changed',
    fix: () => 'remove what is left of it, which keeps the buckets, and deploy again: graft destroy, then graft deploy',
  },
];

export function bootstrapCommand({ account, region }: Account): string {
  return `npx cdk bootstrap aws://${account}/${region}`;
}

/** The error of a failed run of CDK: the cause in one sentence, and the command that fixes it. */
export function explainCdk(lines: readonly string[], where: Account): RuntimeError {
  const text = lines.join('\n');
  const received = lines.findLast(hasDetail)?.trim() ?? lines.at(-1) ?? 'no word';
  const known = KNOWN.find((entry) => entry.pattern.test(text));
  if (known === undefined) {
    return new RuntimeError('CDK_FAILED', {
      at: `${where.account}/${where.region}`,
      expected: 'CDK to come to its end',
      received,
      fix: 'graft doctor looks for the usual causes; CloudFormation in the AWS console shows the events of the stack',
    });
  }
  const { code, expected, fix } = known;
  return new RuntimeError(code, { at: `${where.account}/${where.region}`, expected, received, fix: fix(where) });
}

/** Whether a line gives the cause, rather than only that or where something failed. */
function hasDetail(line: string): boolean {
  return /error|failed|❌/i.test(line) && !/Subprocess exited with error|^\s*at /.test(line);
}
