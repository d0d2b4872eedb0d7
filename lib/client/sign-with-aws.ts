import { AwsV4Signer } from 'aws4fetch';
import type { Signer } from './transport.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/**
 * Signs requests for an API with IAM authorization (AWS Signature Version 4, service execute-api).
 * @param credentials called for each request, so that credentials can be renewed; the caller chooses their source
 * @param region of the API, such as `eu-central-1`
 * @returns the `signer` of httpTransport(); it throws any error of `credentials`
 * @example
 * ```js
 * const signer = signWithAws(fromNodeProviderChain(), 'eu-central-1');
 * const client = createClient(httpTransport('https://ID.execute-api.eu-central-1.amazonaws.com', { signer }));
 * ```
 */
export function signWithAws(credentials: () => Promise<AwsCredentials>, region: string): Signer {
  return async (request) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    const body = request.body === null ? undefined : await request.arrayBuffer();
    const signed = await new AwsV4Signer({
      url: request.url,
      method: request.method,
      headers: request.headers,
      ...(body !== undefined && { body }),
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service: 'execute-api',
      region,
    }).sign();
    return new Request(signed.url, {
      method: signed.method,
      headers: signed.headers,
      signal: request.signal,
      ...(body !== undefined && { body }),
    });
  };
}
