import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { ForbiddenError, UsageError } from '../../lib/errors.ts';
import { sharedSecret } from '../../lib/local/shared-secret.ts';

export interface ApiToken {
  readonly token: string;
  /** The file that keeps the token; undefined if the environment gave it. */
  readonly file?: string;
  /** Whether this call generated it. */
  readonly isNew: boolean;
}

/** RFC 6750, section 2.1: the syntax of a bearer token. */
const TOKEN = /^[\w.~+/-]+=*$/;

/**
 * The token that requests need: GRAFT_API_TOKEN, otherwise the token in the data folder, which only its owner can read.
 * It is generated if there is none.
 * @throws UsageError API_TOKEN_MALFORMED; RuntimeError SECRET_INCOMPLETE
 */
export async function apiToken(directory: string, { GRAFT_API_TOKEN: given }: NodeJS.ProcessEnv): Promise<ApiToken> {
  if (given) return { token: checkToken(given, 'GRAFT_API_TOKEN'), isNew: false };
  const file = join(directory, 'api-token');
  const { text, isNew } = await sharedSecret(file, {
    make: () => `${randomBytes(32).toString('base64url')}\n`,
    // Its end shows that it is complete.
    pattern: /^.+\r?\n\s*$/,
  });
  return { token: checkToken(text.trim(), file), file, isNew };
}

/** @returns a function of the Authorization header that throws ForbiddenError API_TOKEN_INVALID */
export function bearerCheck(token: string): (authorization: string | undefined) => void {
  const expected = digestOf(token);
  return (authorization) => {
    const [, given] = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization ?? '') ?? [];
    // Digests have equal lengths, so the time of the comparison reveals nothing about the token.
    if (given !== undefined && timingSafeEqual(digestOf(given), expected)) return;
    throw new ForbiddenError('API_TOKEN_INVALID', {
      at: 'Authorization',
      expected: 'the bearer token of this server',
      received: given === undefined ? 'none' : 'another token',
      fix:
        'set GRAFT_API_TOKEN to the token that graft dev printed at its first start; its data folder keeps it in the file ' +
        'api-token',
    });
  };
}

function checkToken(token: string, at: string): string {
  if (TOKEN.test(token)) return token;
  throw new UsageError('API_TOKEN_MALFORMED', {
    at,
    expected: 'only letters, digits and -._~+/',
    received: `${token.length} characters`,
    fix: 'generate one with openssl rand -hex 32',
  });
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
