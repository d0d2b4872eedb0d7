import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { RuntimeError } from '../../lib/errors.ts';

/** The AWS account and region of the credentials. */
export interface Account {
  /** 12 digits. */
  readonly account: string;
  readonly arn: string;
  readonly region: string;
}

/**
 * Finds the account by a request to AWS, with the credentials and the region that the SDK finds: environment, profile,
 * single sign-on, role.
 * @throws RuntimeError REGION_MISSING, CREDENTIALS_MISSING, CREDENTIALS_REFUSED, REGION_UNREACHABLE
 */
export async function findAccount(): Promise<Account> {
  const sts = new STSClient({ maxAttempts: 2 });
  try {
    const region = await sts.config.region().catch((cause: unknown) => Promise.reject(regionMissing(cause)));
    const { Account: account = '', Arn: arn = '' } = await sts
      .send(new GetCallerIdentityCommand({}))
      .catch((cause: unknown) => Promise.reject(refusal(cause, region)));
    return { account, arn, region };
  } finally {
    sts.destroy();
  }
}

function regionMissing(cause: unknown): RuntimeError {
  return new RuntimeError('REGION_MISSING', {
    expected: 'a region to deploy to',
    received: 'none',
    fix: 'export AWS_REGION=us-east-1, or aws configure set region us-east-1',
    cause,
  });
}

/** The error for a failed request to AWS. */
function refusal(cause: unknown, region: string): RuntimeError {
  const { name, message } = cause instanceof Error ? cause : new Error(String(cause));
  if (/CredentialsProviderError|could not load credentials/i.test(`${name} ${message}`)) {
    return new RuntimeError('CREDENTIALS_MISSING', {
      expected: 'credentials of an AWS account',
      received: 'none',
      fix: 'aws configure, or aws sso login, or export AWS_PROFILE=NAME',
      cause,
    });
  }
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|TimeoutError/.test(`${name} ${message} ${codeOf(cause)}`)) {
    return new RuntimeError('REGION_UNREACHABLE', {
      at: region,
      expected: 'AWS to respond in this region',
      received: message,
      fix: 'check the spelling of AWS_REGION (us-east-1, eu-central-1 and so on) and the network',
      cause,
      retryable: true,
    });
  }
  return new RuntimeError('CREDENTIALS_REFUSED', {
    at: region,
    expected: 'credentials that AWS accepts',
    received: message,
    fix: 'aws sso login, or new keys with aws configure; aws sts get-caller-identity shows whether they work',
    cause,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
