import { messageOf } from '../contracts/errors/message-of.ts';
import { RuntimeError } from '../errors.ts';

/**
 * Of a signed request, whose address is that of the store. Its query has the signature, so the error names only the
 * origin.
 */
export function storeUnreachable(url: string, cause: unknown): RuntimeError {
  return new RuntimeError('API_UNREACHABLE', {
    at: new URL(url).origin,
    expected: 'a store that responds',
    received: messageOf(cause),
    fix: 'check that this network allows requests to it',
    cause,
    retryable: true,
  });
}
