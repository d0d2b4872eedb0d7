/** Settings for all SDK clients. The SDK itself finds region and credentials (environment, profile, role). */

/** Maximum number of attempts for transient failures, with the SDK's exponential backoff and full jitter. */
const ATTEMPTS = 5;
const CONNECTION_MS = 3_000;
/** A connection without traffic for this long is closed. Must exceed SQS's longest poll. */
const SILENCE_MS = 30_000;
/**
 * Maximum number of connections. A page of a thousand files sends a thousand HEAD requests; the limit keeps file
 * descriptors available.
 */
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

/**
 * Returns the settings of clients that start attempts. Lambda and AWS Batch accept a repeated start as another one, so a
 * request whose answer was lost is not repeated: two workers would do the same work. Dispatch starts the next attempt
 * instead, and the record refuses the worker of this one. Each request has a connection of its own, because one that was
 * kept while the function was frozen is likely to be closed.
 */
export function startSettings() {
  const { requestHandler, ...settings } = clientSettings();
  const agent = { ...requestHandler.httpsAgent, keepAlive: false };
  return { ...settings, maxAttempts: 1, requestHandler: { ...requestHandler, httpsAgent: agent, httpAgent: agent } };
}

/** Returns the settings for S3. Emulators serve all buckets from one host name, so they need path-style requests. */
export function s3Settings(environment: NodeJS.ProcessEnv) {
  const { AWS_ENDPOINT_URL_S3: ofS3, AWS_ENDPOINT_URL: endpoint } = environment;
  return { ...clientSettings(), forcePathStyle: (ofS3 ?? endpoint ?? '') !== '' };
}
