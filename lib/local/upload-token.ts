import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { ForbiddenError, SpecError } from '../errors.ts';

/** What a token allows its holder to upload, and until when. */
export type UploadGrant = z.infer<typeof UploadGrant>;
const UploadGrant = z.strictObject({
  key: z.string(),
  size: z.int().nonnegative(),
  /** Lower-case hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Milliseconds since 1970. */
  expiresAt: z.int(),
});

/**
 * Creates a token from a grant and its HMAC-SHA256, in characters that are safe in a URL path.
 * @throws SpecError UPLOAD_INVALID
 */
export function signUploadToken(grant: UploadGrant, secret: Uint8Array): string {
  const checked = UploadGrant.safeParse(grant);
  if (!checked.success) {
    const expected = z.prettifyError(checked.error);
    throw new SpecError('UPLOAD_INVALID', {
      at: grant.key,
      expected,
      received: grant,
      fix: 'give the size in bytes and the SHA-256 in hexadecimal',
    });
  }
  const text = Buffer.from(JSON.stringify(checked.data)).toString('base64url');
  return `${text}.${signatureOf(text, secret)}`;
}

/**
 * Verifies an upload token and returns its grant.
 * @throws ForbiddenError UPLOAD_TOKEN_INVALID, UPLOAD_EXPIRED
 */
export function readUploadToken(token: string, secret: Uint8Array, now: Date): UploadGrant {
  const [text = ''] = token.split('.');
  // Compare the signatures as text: base64 can encode the same bytes in several ways, and only this one is valid.
  if (!equal(token, `${text}.${signatureOf(text, secret)}`)) {
    throw new ForbiddenError('UPLOAD_TOKEN_INVALID', {
      expected: 'a token signed by this store',
      fix: 'request a new upload',
    });
  }
  const grant = UploadGrant.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  if (now.getTime() >= grant.expiresAt) {
    throw new ForbiddenError('UPLOAD_EXPIRED', {
      at: grant.key,
      expected: `an upload before ${new Date(grant.expiresAt).toISOString()}`,
      fix: 'request a new upload',
    });
  }
  return grant;
}

/** What a token allows its holder to download, and until when. */
const DownloadGrant = z.strictObject({ key: z.string(), expiresAt: z.int() });

/** Creates a download token, as `signUploadToken` does for uploads. Neither token is valid in place of the other. */
export function signDownloadToken(grant: z.infer<typeof DownloadGrant>, secret: Uint8Array): string {
  const text = Buffer.from(JSON.stringify(grant)).toString('base64url');
  return `${text}.${signatureOf(text, secret, 'download')}`;
}

/**
 * Verifies a download token and returns its grant.
 * @throws ForbiddenError DOWNLOAD_TOKEN_INVALID, DOWNLOAD_EXPIRED
 */
export function readDownloadToken(token: string, secret: Uint8Array, now: Date): z.infer<typeof DownloadGrant> {
  const [text = ''] = token.split('.');
  const fix = 'request a new link';
  if (!equal(token, `${text}.${signatureOf(text, secret, 'download')}`))
    throw new ForbiddenError('DOWNLOAD_TOKEN_INVALID', { expected: 'a token signed by this store', fix });
  const grant = DownloadGrant.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  if (now.getTime() < grant.expiresAt) return grant;
  throw new ForbiddenError('DOWNLOAD_EXPIRED', {
    at: grant.key,
    expected: `a download before ${new Date(grant.expiresAt).toISOString()}`,
    fix,
  });
}

function signatureOf(text: string, secret: Uint8Array, what: 'upload' | 'download' = 'upload'): string {
  return createHmac('sha256', secret).update(`graft-${what}-v1.${text}`).digest('base64url');
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
