import { describe, expect, it } from 'vitest';
import { refuse } from '../../../../lib/contracts/refuse.ts';
import { refusedTable } from '../../../../lib/datasets/report/report-refused.ts';
import { DataError } from '../../../../lib/errors.ts';

const format = { expected: 'JPEG or PNG', fix: 'convert it' };
const junk = refuse('.DS_Store', 'OS_JUNK', { expected: 'an image', received: 'junk' });
const text = refuse('a.txt', 'IMAGE_FORMAT_UNSUPPORTED', { ...format, received: 'text. Of 3 words' });
const svg = refuse('b<.svg', 'IMAGE_FORMAT_UNSUPPORTED', { ...format, received: 'SVG' });
const empty = refuse('c.png', 'IMAGE_EMPTY', { expected: 'an image', received: '0 bytes', fix: 'copy it again' });

describe('refused files on the page of a report', () => {
  const page = refusedTable([junk, { ...junk, path: 'x/.DS_Store' }, { ...junk, path: 'y/.DS_Store' }, empty, text, svg]);

  it('say once what a reason expects and how to fix it, and of each file what it is', () => {
    expect(page.match(/expected JPEG or PNG/g)).toHaveLength(1);
    expect(page).toContain('<p>Image format unsupported: expected JPEG or PNG. Fix: convert it.</p>');
    expect(page).toContain('<tr><th>a.txt</th><td>text. Of 3 words</td></tr>');
    expect(page).toContain('<tr><th>b&lt;.svg</th><td>SVG</td></tr>');
    expect(page).toContain('<td>Image empty: expected an image, received 0 bytes. Fix: copy it again.</td>');
  });

  it('come by reason, those of the operating system last and folded', () => {
    expect([...page.matchAll(/<details( open)?><summary><code>(\w+)/g)].map(([, open = '', code]) => `${code}${open}`)).toEqual([
      'IMAGE_FORMAT_UNSUPPORTED open',
      'IMAGE_EMPTY open',
      'OS_JUNK',
    ]);
  });

  it('keep sentences that differ as they are', () => {
    const other = refuse('d.bmp', 'IMAGE_FORMAT_UNSUPPORTED', { ...format, received: 'BMP', fix: 'leave it out' });
    expect(refusedTable([text, other])).toContain('expected JPEG or PNG, received BMP. Fix: leave it out.');
  });

  it('are cut where they are many, and the page says so', () => {
    expect(refusedTable(Array.from({ length: 503 }, () => svg))).toContain('and 3 more');
  });
});

describe('an error with a list of files', () => {
  it('has a line for each, and counts those beyond twenty', () => {
    const { message } = new DataError('TOO_MANY_REFUSED', { expected: 'less', received: [text, svg], fix: 'fix them' });
    expect(message.split('\n')).toEqual([
      'Too many refused: expected less, received 2:',
      `  a.txt: ${text.message}`,
      `  b<.svg: ${svg.message}`,
      'Fix: fix them.',
    ]);
    expect(new DataError('TOO_MANY_REFUSED', { received: Array.from({ length: 23 }, () => svg) }).message).toContain(
      '\n  and 3 more',
    );
  });
});
