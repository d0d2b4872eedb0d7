import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readUploadToken, signUploadToken } from '../../../lib/local/upload-token.ts';

const secret = Buffer.from('a secret of some length');
const now = new Date('2030-01-01T00:00:00Z');
const grant = { key: 'uploads/ä/1.jpg', size: 12, sha256: '0f'.repeat(32), expiresAt: now.getTime() + 1000 };
const token = signUploadToken(grant, secret);

it('says what was signed', () => {
  expect(readUploadToken(token, secret, now)).toEqual(grant);
});

it('is refused when any character was changed, added or taken away', () => {
  const index = fc.nat(token.length - 1);
  const changed = fc.tuple(index, fc.string({ maxLength: 2 }), fc.nat(2)).map(([at, text, length]) => {
    return `${token.slice(0, at)}${text}${token.slice(at + length)}`;
  });
  fc.assert(
    fc.property(changed, (other) => {
      fc.pre(other !== token);
      expect(() => readUploadToken(other, secret, now)).toThrow(expect.objectContaining({ code: 'UPLOAD_TOKEN_INVALID' }));
    }),
    { numRuns: 500 },
  );
});

it.each([
  ['nothing', ''],
  ['no signature', token.split('.')[0] ?? ''],
  ['an empty signature', `${token.split('.')[0]}.`],
  ['another spelling of the same bytes', `${token}=`],
  ['more than a token', `${token}.${token}`],
  ['the signature of another secret', signUploadToken(grant, Buffer.from('another secret'))],
])('is refused when there is %s', (_, other) => {
  expect(() => readUploadToken(other, secret, now)).toThrow(
    expect.objectContaining({ name: 'ForbiddenError', code: 'UPLOAD_TOKEN_INVALID' }),
  );
});
