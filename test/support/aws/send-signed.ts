import { request } from 'node:http';
import type { SignedRequest } from '../../../lib/ports.ts';

/** Sends a signed request exactly as it is written, with whatever body. @returns the status */
export function sendSigned({ method, url, headers }: SignedRequest, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    // The length that was signed for is part of the signature; another body comes with its own.
    const sent = request(url, { method, headers: { ...headers, 'content-length': body.length } }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
