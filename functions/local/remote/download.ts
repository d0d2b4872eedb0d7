import type { ApiRequest, Transport } from '../../../lib/client/api-request.ts';
import { readResponse } from '../../../lib/client/response.ts';

/**
 * Downloads a file by its signed request.
 * @returns undefined if the store refuses the request, which may have expired, or no longer has the file
 * @throws the transport's error, or that of the response
 */
export async function download(request: ApiRequest, send: Transport): Promise<Uint8Array | undefined> {
  const response = await send(request);
  // S3 also answers 403 for a file that does not exist, if the signer may not list the bucket.
  if (response.status === 403 || response.status === 404) return undefined;
  if (response.status >= 400) readResponse(response);
  return response.body;
}
