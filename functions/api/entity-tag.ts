import { createHash } from 'node:crypto';
import type { RouteResponse } from './response.ts';

/** The ETag of a representation: the same bytes, the same tag. */
export function entityTag(body: string | Uint8Array): string {
  return `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
}

/** Gives a record its ETag, and 304 without a body to a client that has it (RFC 9110, section 13.1.2). */
export function withEntityTag(answer: RouteResponse, ifNoneMatch: string | undefined): RouteResponse {
  const etag = entityTag(answer.body);
  const headers = { ...answer.headers, etag };
  return isNamed(etag, ifNoneMatch) ? { status: 304, headers: { etag }, body: '' } : { ...answer, headers };
}

/** Whether a list of tags, as If-Match and If-None-Match have it, names this one. */
export function isNamed(etag: string, list: string | undefined): boolean {
  if (list === undefined) return false;
  return list.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
}
