import fc from 'fast-check';

const letters = fc.constantFrom(
  ...'aabbcA.%+~-!:é\u0308',
  '🐜',
  '\uffee',
  '\n',
  '\\',
  ' ',
  '%2e',
  'a'.repeat(79),
  'é'.repeat(41),
);

/** As long as a part of a long file name, or nearly. */
const border = fc.tuple(fc.integer({ min: 78, max: 81 }), fc.constantFrom('', '!', 'c', '.'));

const segment = fc.oneof(
  { weight: 4, arbitrary: fc.array(letters, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: border.map(([length, end]) => 'a'.repeat(length) + end) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }) },
);

/** Keys as hostile as they may be: near each other, long, and full of what file systems do not like. */
export const anyKey: fc.Arbitrary<string> = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join('/'))
  .filter((key) => Buffer.byteLength(key) <= 1024 && !key.includes('\0') && key.isWellFormed())
  .filter((key) => key.split('/').every((part) => part !== '' && part !== '.' && part !== '..'));
