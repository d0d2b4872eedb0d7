import { sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entryOf, pathOfKey } from '../../../lib/local/key-path.ts';
import { anyKey } from '../../support/keys.ts';

const ROOT = `${sep}store`;

describe('the path of a key', () => {
  it.each([
    ['jobs/0190.json', 'jobs+/0190.json'],
    ['models/cifar-vgg16/3/model.onnx', 'models+/cifar-vgg16+/3+/model.onnx'],
    ['a', 'a'],
    ['a/b', 'a+/b'],
    ['README.md', '%52%45%41%44%4d%45.md'],
    ['.hidden./x', '%2ehidden.+/x'],
    ['Ä b', '%c3%84%20b'],
    ['a'.repeat(80), 'a'.repeat(80)],
    [`${'a'.repeat(79)}/x`, `${'a'.repeat(79)}+/x`],
    [`${'a'.repeat(80)}/x`, `${'a'.repeat(80)}~/+/x`],
    [`${'a'.repeat(81)}/x`, `${'a'.repeat(80)}~/a+/x`],
    ['a'.repeat(200), `${'a'.repeat(80)}~/${'a'.repeat(80)}~/${'a'.repeat(40)}`],
  ])('of %s is %s', (key, path) => {
    expect(pathOfKey(ROOT, key)).toBe(`${ROOT}/${path}`.replaceAll('/', sep));
  });

  it('stays below the root, in names that every file system takes', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const path = pathOfKey(ROOT, key);
        expect(path.startsWith(`${ROOT}${sep}`)).toBe(true);
        for (const name of path.slice(ROOT.length + 1).split(sep)) expect(name).toMatch(/^(?!\.)[a-z0-9_.%+~-]{1,255}(?<!\.)$/);
      }),
    );
  });

  it('tells the key', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const names = pathOfKey(ROOT, key)
          .slice(ROOT.length + 1)
          .split(sep);
        const entries = names.map((name) => entryOf(name) ?? expect.fail(`${name} is none of ours`));
        expect(Buffer.concat(entries.map(({ bytes }) => bytes)).toString()).toBe(key);
        expect(entries.map(({ isObject }) => isObject)).toEqual(names.map((_, index) => index === names.length - 1));
      }),
    );
  });

  it('lies in the folder of its prefix', () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const folder = pathOfKey(ROOT, key.slice(0, key.lastIndexOf('/') + 1));
        expect(pathOfKey(ROOT, key).startsWith(`${folder}${sep}`)).toBe(true);
      }),
    );
  });
});
