/** What every client of the SDK is opened with. Region and credentials are the SDK's own business: environment, profile, role. */

/** Transient failures are tried again this often, with the SDK's exponential backoff and full jitter. */
const ATTEMPTS = 5;
const CONNECTION_MS = 3_000;
/** A connection that transfers no byte for this long is closed; longer than SQS's longest poll. */
const SILENCE_MS = 30_000;
/** A page of a thousand files asks for a thousand heads: they share so many connections, and files stay free for others. */
const CONNECTIONS = 64;

export function clientSettings() {
  return {
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_MS,
      socketTimeout: SILENCE_MS,
      socketAcquisitionWarningTimeout: SILENCE_MS,
      httpsAgent: { maxSockets: CONNECTIONS },
      httpAgent: { maxSockets: CONNECTIONS },
    },
  };
}

/** Emulators answer at one host, without a name of its own for each bucket. */
export function s3Settings(environment: NodeJS.ProcessEnv) {
  const { AWS_ENDPOINT_URL_S3: ofS3, AWS_ENDPOINT_URL: endpoint } = environment;
  return { ...clientSettings(), forcePathStyle: (ofS3 ?? endpoint ?? '') !== '' };
}
