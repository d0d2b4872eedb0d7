import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundLines, linesOf, MAX_LINE_LENGTH } from '../../../../lib/datasets/labels/decode-text.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'é', '\r', '\n', '\r\n'), maxLength: 40 });

describe('linesOf', () => {
  it('gives the same lines in whatever pieces the text comes', () => {
    fc.assert(
      fc.property(fc.array(text), (pieces) => {
        const lines = pieces.join('').split(/\r\n|\n/);
        if (lines.at(-1) === '') lines.pop();
        expect([...linesOf(pieces)]).toEqual(lines);
      }),
    );
  });

  it('reads each piece of a long line once', () => {
    // Splitting all that has come again with each piece takes minutes.
    const piece = 'x'.repeat(2 ** 16);
    const [line = ''] = linesOf(Array.from({ length: 2 ** 11 }, () => piece));
    expect(line.length).toBe(2 ** 27);
  });
});

describe('boundLines', () => {
  const longest = 'x'.repeat(MAX_LINE_LENGTH);

  it.each([
    { name: 'in one piece', pieces: [`a\n${longest}\nb`] },
    { name: 'in two pieces', pieces: ['a\n', longest, '\nb'] },
    { name: 'at the end', pieces: ['a\n', longest] },
  ])('passes on a line of the greatest length $name', ({ pieces }) => {
    expect([...boundLines(pieces, 'a.jsonl')]).toEqual(pieces);
  });

  it.each([
    { name: 'in one piece', pieces: [`a\n${longest}x\nb`] },
    { name: 'in two pieces', pieces: ['a\n', longest, 'x\nb'] },
    { name: 'at the end', pieces: ['a\n', longest, 'x'] },
    { name: 'with a sign that ends no line here', pieces: ['a\n', longest, '\r'] },
  ])('refuses one character more $name', ({ pieces }) => {
    expect(() => [...boundLines(pieces, 'a.jsonl')]).toThrow(expect.objectContaining({ code: 'LINE_TOO_LONG', at: 'a.jsonl:2' }));
  });
});
