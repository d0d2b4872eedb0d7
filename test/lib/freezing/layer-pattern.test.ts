import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileLayerPattern } from '../../../lib/freezing/layer-pattern.ts';

describe('compileLayerPattern', () => {
  it.each([
    ['(a+)+$', `${'a'.repeat(50_000)}!`],
    ['(a|aa)+$', `${'a'.repeat(50_000)}!`],
    ['(\\w*)*x', 'b'.repeat(50_000)],
    ['(.*)*,(.*)*,(.*)*;', `${','.repeat(5000)}`],
  ])('decides %s in linear time', (pattern, text) => {
    expect(compileLayerPattern(pattern)(text)).toBe(false);
  });

  it('matches as RegExp does, with the escapes and classes of RegExp', () => {
    const atom = fc.constantFrom(
      ...[
        'a',
        'b',
        '_',
        '1',
        '.',
        '-',
        '\\d',
        '\\w',
        '\\W',
        '\\s',
        '\\b',
        '\\B',
        '\\.',
        '\\-',
        '\\_',
        '\\/',
        '\\e',
        '\\Q',
        '\\E',
        '\\z',
      ],
      ...[
        '\\A',
        '\\pL',
        '\\C',
        '\\x61',
        '\\u0062',
        '\\cA',
        '\\0',
        '[ab]',
        '[^ab]',
        '[a-b_]',
        '[\\w.]',
        '[\\d-]',
        '[[:alpha:]]',
        '[(?=a)]',
      ],
      ...['[^]', '[\\b]', '[\\]a]', '(?:ab)', '(a|b)', '(?<n>a)', '()', '^', '$', 'a{', 'a{,2}', '{a', '}', ']'],
    );
    const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?', '+?', '??');
    const patterns = fc
      .array(fc.tuple(atom, quantifier, fc.constantFrom('', '', '', '|')), { minLength: 1, maxLength: 6 })
      .map((parts) => parts.flat().join(''))
      .filter(isRegExp);
    const texts = fc.array(
      fc.constantFrom(
        'a',
        'b',
        '_',
        '1',
        '.',
        '-',
        'z',
        'Q',
        'A',
        'e',
        'p',
        'L',
        ':',
        ']',
        '(',
        '{',
        '}',
        '/',
        ' ',
        '\u0001',
        '\b',
      ),
      {
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(patterns, fc.array(texts, { minLength: 1, maxLength: 20 }), (pattern, names) => {
        const matches = compileLayerPattern(pattern);
        const expected = new RegExp(`^(?:${pattern})$`);
        for (const name of names)
          expect([name.join(''), matches(name.join(''))]).toEqual([name.join(''), expected.test(name.join(''))]);
      }),
      { numRuns: 500 },
    );
  });

  it('reads digits after \\0 as an octal number, as RegExp does', () => {
    const matches = compileLayerPattern('a\\012|[\\01]|\\08');
    expect(['a\n', '\u0001', '\u00008', '01'].map(matches)).toEqual([true, true, true, false]);
  });

  it.each([
    ['(a)\\1', 'the back-reference \\1'],
    ['(?<n>a)\\k<n>', 'the back-reference \\k<n>'],
    ['(?=a).*', 'look-ahead (?=...)'],
    ['(?!block5).*', 'look-ahead (?!...)'],
    ['.*(?<=bn)', 'look-behind (?<=...)'],
    ['.*(?<!bn)', 'look-behind (?<!...)'],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['(.?){999}(.?){999}', 'repeat counts that multiply to so large a pattern'],
  ])('refuses %s, naming what is unsupported', (pattern, construct) => {
    expect(() => compileLayerPattern(pattern)).toThrow(
      expect.objectContaining({ code: 'FREEZE_PATTERN_UNSUPPORTED', message: expect.stringContaining(construct) }),
    );
  });

  it.each(['(', '[', 'a{2,1}', '*', '\\'])('refuses %s, which is no regular expression', (pattern) => {
    expect(() => compileLayerPattern(pattern)).toThrow(expect.objectContaining({ code: 'FREEZE_PATTERN' }));
  });
});

function isRegExp(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`) !== undefined;
  } catch {
    return false;
  }
}
