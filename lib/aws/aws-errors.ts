import type { ErrorDetail } from '../contracts/errors/error-detail.ts';
/**
 * Converts failures of AWS to errors of Graft. Each explains the failure in one sentence and gives the command that
 * fixes it.
 */
import { CapacityError, GraftError, RuntimeError } from '../errors.ts';

type ErrorClass = new (code: string, detail: ErrorDetail) => GraftError;

interface Meaning {
  /** Error names of AWS, the SDK or the operating system. */
  readonly names: readonly string[];
  /** A pattern for the message, if the name alone is ambiguous. */
  readonly says?: RegExp;
  readonly code: string;
  /** Default: RuntimeError, because the caller of the API did nothing wrong. */
  readonly as?: ErrorClass;
  readonly expected: string;
  readonly fix: string;
  readonly retryable?: true;
}

/** The first matching row applies. */
const MEANINGS: readonly Meaning[] = [
  {
    names: ['CredentialsProviderError', 'NoCredentials', 'MissingAuthenticationToken'],
    code: 'CREDENTIALS_MISSING',
    expected: 'credentials of an AWS account',
    fix: 'aws sso login, or aws configure',
  },
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired'],
    code: 'CREDENTIALS_REFUSED',
    expected: 'credentials that are still valid',
    fix: 'aws sso login',
  },
  {
    names: [
      ...['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'AuthFailure'],
      ...['UnrecognizedClientException', 'InvalidClientTokenId', 'InvalidSignatureException', 'IncompleteSignature'],
    ],
    code: 'CREDENTIALS_REFUSED',
    expected: 'credentials that AWS accepts',
    fix: 'aws sts get-caller-identity shows the current credentials; aws configure sets others',
  },
  {
    names: ['RequestTimeTooSkewed'],
    code: 'CLOCK_SKEWED',
    expected: 'a clock that agrees with that of AWS to 15 minutes',
    fix: 'set the clock: sudo timedatectl set-ntp true',
  },
  {
    names: ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException', '301'],
    code: 'REGION_WRONG',
    expected: 'the region of the bucket',
    fix: 'export AWS_REGION=REGION; aws s3api get-bucket-location --bucket BUCKET names it',
  },
  {
    names: ['Error', 'ConfigError'],
    says: /region is missing/i,
    code: 'REGION_MISSING',
    expected: 'the region that Graft is deployed in',
    fix: 'export AWS_REGION=REGION',
  },
  {
    names: ['NoSuchBucket'],
    code: 'BUCKET_MISSING',
    expected: 'the bucket that GRAFT_DATA_BUCKET or GRAFT_MODEL_BUCKET names',
    fix: 'graft deploy makes it; aws s3 ls lists the existing ones',
  },
  {
    names: ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 'NonExistentQueue'],
    code: 'QUEUE_MISSING',
    expected: 'a queue at this URL',
    fix: 'graft deploy makes it; aws sqs list-queues lists the existing ones',
  },
  {
    // Of AWS Batch, whose stack is deployed minutes after the functions that name its queue.
    names: ['ClientException'],
    says: /not found|does not exist|no such/i,
    code: 'COMPUTE_MISSING',
    expected: 'the queue and job definition of AWS Batch that the environment names',
    fix: 'graft deploy makes them; graft deploy --no-gpu leaves them out',
    retryable: true,
  },
  {
    names: ['ResourceNotFoundException'],
    says: /not found|does not exist|no such/i,
    code: 'COMPUTE_MISSING',
    expected: 'the training function that the environment names',
    fix: 'graft deploy makes it',
  },
  {
    names: [
      'AccessDenied',
      'AccessDeniedException',
      'AllAccessDisabled',
      'UnauthorizedOperation',
      'KMS.AccessDeniedException',
      '403',
    ],
    code: 'ACCESS_DENIED',
    expected: 'a role with this permission',
    fix: "aws sts get-caller-identity shows the role; graft deploy sets the permissions of Graft's roles",
  },
  {
    names: [
      ...['SlowDown', 'Throttling', 'ThrottlingException', 'ThrottledException', 'RequestThrottled', 'RequestThrottledException'],
      ...['TooManyRequestsException', 'RequestLimitExceeded', 'BandwidthLimitExceeded', 'OverLimit', 'KmsThrottled', '429'],
    ],
    code: 'REQUESTS_THROTTLED',
    as: CapacityError,
    expected: 'fewer requests per second',
    fix: 'wait and try again; aws service-quotas list-service-quotas --service-code SERVICE shows the limits',
    retryable: true,
  },
  {
    names: [
      'ENOTFOUND',
      'ECONNREFUSED',
      'ECONNRESET',
      'EHOSTUNREACH',
      'EPIPE',
      'EAI_AGAIN',
      'ETIMEDOUT',
      'TimeoutError',
      'NetworkingError',
    ],
    code: 'SERVICE_UNREACHABLE',
    expected: 'a response from AWS',
    fix: 'check the network, AWS_REGION and AWS_ENDPOINT_URL, and try again',
    retryable: true,
  },
  {
    names: [
      ...['InternalError', 'InternalFailure', 'InternalServerError', 'ServiceUnavailable', 'ServiceException', 'ServerException'],
      ...['RequestTimeout', 'RequestTimeoutException', 'BadDigest', '500', '502', '503', '504'],
    ],
    code: 'SERVICE_UNAVAILABLE',
    as: CapacityError,
    expected: 'AWS to be available',
    fix: 'wait and try again; https://health.aws.amazon.com has the status',
    retryable: true,
  },
];

/**
 * Runs calls of the SDK and converts their failures to errors of Graft.
 * @param at the key, queue or job of the call
 */
export async function withAwsErrors<T>(at: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asAwsError(at, error);
  }
}

export function asAwsError(at: string, error: unknown): GraftError {
  if (error instanceof GraftError) return error;
  const { name, code, status, requestId, message } = partsOf(error);
  const errorText = [name, message].filter(Boolean).join(': ') + (requestId === undefined ? '' : ` (request ${requestId})`);
  const meaning = MEANINGS.find(({ names, says }) => {
    const isNamed = names.some((known) => known === name || known === code || known === `${status}`);
    return isNamed && (says === undefined || says.test(message));
  });
  if (meaning === undefined) {
    const fix = 'look the name up in the documentation of AWS; the request id is for its support';
    return new RuntimeError('AWS_FAILED', { at, received: errorText, fix, cause: error, retryable: (status ?? 0) >= 500 });
  }
  const { code: ours, as: Kind = RuntimeError, expected, fix, retryable = false } = meaning;
  return new Kind(ours, { at, expected, received: errorText, fix, retryable, cause: error });
}

/**
 * Checks whether an error of AWS has one of these names, or this status if it has no name (the response to a HEAD has
 * no body).
 */
export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  const { name, status } = partsOf(error);
  return names.some((known) => known === name || known === `${status}`);
}

/** Returns the number of requests that the call made. */
export function attemptsOf(error: unknown): number {
  return partsOf(error).attempts ?? 1;
}

interface AwsErrorParts {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly attempts: number | undefined;
}

function partsOf(error: unknown): AwsErrorParts {
  if (!(error instanceof Error)) {
    return { name: '', message: String(error), code: undefined, status: undefined, requestId: undefined, attempts: undefined };
  }
  const { code, $metadata: metadata }: Error & { code?: unknown; $metadata?: Metadata } = error;
  return {
    name: error.name,
    message: error.message,
    code: typeof code === 'string' ? code : undefined,
    status: metadata?.httpStatusCode,
    requestId: metadata?.requestId,
    attempts: metadata?.attempts,
  };
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly requestId?: string;
  readonly attempts?: number;
}
