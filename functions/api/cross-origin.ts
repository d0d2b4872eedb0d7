import type { ApiRequest } from '../../lib/client/api-request.ts';
import { ForbiddenError } from '../../lib/errors.ts';

/** What counts of a request here. */
type Asked = Pick<ApiRequest, 'method' | 'headers'>;

/**
 * Web pages of other origins that may use the API (GRAFT_CORS_ORIGINS), by the CORS protocol of the Fetch standard.
 */
export interface CrossOrigin {
  /**
   * @param isSigned whether the request's address holds its own permission, as that of a picture does
   * @throws ForbiddenError ORIGIN_FORBIDDEN for a request from a page of another origin
   */
  check(request: Asked, isSigned?: boolean): void;
  isPreflight(request: Asked): boolean;
  headers(request: Asked): Record<string, string>;
}

const PREFLIGHT_SECONDS = 600;

export function crossOrigin(allowed: readonly string[]): CrossOrigin {
  const originOf = (request: Asked) => {
    const origin = header(request, 'origin');
    return origin !== undefined && (allowed.includes(origin) || allowed.includes('*')) ? origin : undefined;
  };
  return {
    check(request, isSigned = false) {
      const origin = header(request, 'origin');
      if (origin === undefined && !isSigned && isEmbedded(request)) throw embedded(header(request, 'sec-fetch-site'));
      if (origin === undefined || originOf(request) !== undefined) return;
      if (hostOf(origin) === header(request, 'host')) return;
      throw new ForbiddenError('ORIGIN_FORBIDDEN', {
        at: 'Origin',
        expected: 'a page of this server, or an origin of GRAFT_CORS_ORIGINS',
        received: origin,
        fix: `start the server with GRAFT_CORS_ORIGINS=${origin}, if you trust that page`,
      });
    },
    isPreflight: (request) => `${request.method}` === 'OPTIONS' && originOf(request) !== undefined,
    headers(request) {
      const origin = originOf(request);
      if (origin === undefined) return {};
      return {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, POST, PUT, DELETE',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key, if-match, if-none-match',
        'access-control-expose-headers': 'etag, retry-after, idempotency-replayed',
        'access-control-max-age': `${PREFLIGHT_SECONDS}`,
        vary: 'origin',
      };
    },
  };
}

/**
 * Whether a page of another origin requests this without naming its origin, as for an image, a script or a frame (Fetch
 * Metadata Request Headers, W3C). A link that somebody follows is none of these.
 */
function isEmbedded(request: Asked): boolean {
  const site = header(request, 'sec-fetch-site');
  if (site !== 'cross-site' && site !== 'same-site') return false;
  return header(request, 'sec-fetch-mode') !== 'navigate' || header(request, 'sec-fetch-dest') !== 'document';
}

function embedded(received: string | undefined): ForbiddenError {
  return new ForbiddenError('ORIGIN_FORBIDDEN', {
    at: 'Sec-Fetch-Site',
    expected: 'a request of a page of this server, or one that names its origin',
    ...(received !== undefined && { received }),
    fix: 'open the address itself; a page that GRAFT_CORS_ORIGINS names sends requests with fetch()',
  });
}

function header({ headers }: Asked, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
