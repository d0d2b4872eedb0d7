import type { RandomStream } from '../../../lib/random.ts';
import { type Attack, noise, pick } from './hostile-input.ts';

const ENDINGS = ['csv', 'tsv', 'jsonl'] as const;

/** Creates manifests with lines that never end, bytes that are not text, or members that refer elsewhere. */
export const manifestAttack: Attack = (random) => {
  const ending = pick(random, ENDINGS);
  const { what, bytes } = hostileLines(random, ending);
  return { what: `manifest: ${what}`, lane: 'uploads', send: (target) => target.upload({ name: `manifest.${ending}`, bytes }) };
};

function hostileLines(random: RandomStream, ending: (typeof ENDINGS)[number]): { what: string; bytes: Buffer } {
  const lines = (rows: readonly { path: string; label: string }[]) => Buffer.from(textOf(rows, ending));
  const long = 2 ** (16 + random.integer(8));
  return pick(random, [
    () => ({ what: 'one line without an end', bytes: Buffer.alloc(long, ending === 'jsonl' ? '{"a":"' : 'a,') }),
    () => ({ what: 'a quote that never ends', bytes: Buffer.concat([lines([]), Buffer.from('"'), Buffer.alloc(long, 'b\n')]) }),
    () => ({ what: 'noise', bytes: noise(random, 1 + random.integer(20_000)) }),
    () => ({ what: 'UTF-16', bytes: Buffer.from(`\ufeff${textOf([{ path: 'a.jpg', label: 'a' }], ending)}`, 'utf16le') }),
    () => ({
      what: 'half characters',
      bytes: Buffer.concat([lines([{ path: 'a.jpg', label: 'a' }]), Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80])]),
    }),
    () => ({
      what: 'paths that lead elsewhere',
      bytes: lines(
        ['/etc/passwd', '../../etc/passwd', 'file:///etc/passwd', 's3://graft/jobs/x', 'a\0b.jpg', '//host/share', ''].map(
          (path) => ({ path, label: 'a' }),
        ),
      ),
    }),
    () => ({
      what: 'labels of every kind',
      bytes: lines(
        ['__proto__', 'constructor', '', 'a|b|c|', '\u202e', 'x'.repeat(long)].map((label, index) => ({
          path: `${index}.jpg`,
          label,
        })),
      ),
    }),
    () => ({ what: 'thousands of rows of nothing', bytes: Buffer.alloc(long, '\n') }),
    () => ({ what: 'deep JSON', bytes: Buffer.from('['.repeat(long) + ']'.repeat(long)) }),
    () => ({ what: 'thousands of columns', bytes: Buffer.from(`path,label${',x'.repeat(long / 2)}\na.jpg,a\n`) }),
  ])();
}

function textOf(rows: readonly { path: string; label: string }[], ending: (typeof ENDINGS)[number]): string {
  if (ending === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const between = ending === 'csv' ? ',' : '\t';
  return [['path', 'label'], ...rows.map(({ path, label }) => [path, label])].map((row) => `${row.join(between)}\n`).join('');
}
