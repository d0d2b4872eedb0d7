import type { SplitPart } from './dataset.ts';

/** The names that people and tools use for the parts of a split; without a part: those for unassigned images. */
const partNames: Readonly<Record<string, SplitPart | 'unassigned'>> = {
  train: 'train',
  training: 'train',
  trn: 'train',
  validation: 'validation',
  validate: 'validation',
  valid: 'validation',
  val: 'validation',
  dev: 'validation',
  development: 'validation',
  eval: 'validation',
  evaluation: 'validation',
  test: 'test',
  testing: 'test',
  tst: 'test',
  holdout: 'test',
  unassigned: 'unassigned',
};

/** The part that a word means, in any case; "unassigned" where it leaves that open; undefined where it is no name of a part. */
export function partNamed(word: string): SplitPart | 'unassigned' | undefined {
  const name = word.trim().toLowerCase();
  return Object.hasOwn(partNames, name) ? partNames[name] : undefined;
}

/**
 * The part that the name of a folder or file means, as in `train`, `val2017` or `instances_test.json`; undefined where
 * it means none.
 */
export function partOfFile(name: string): SplitPart | undefined {
  const words = name
    .replace(/\.[^.]*$/, '')
    .split(/[^A-Za-z]+/)
    .flatMap((word) => partNamed(word) ?? []);
  const [part, ...others] = new Set(words.filter((word) => word !== 'unassigned'));
  return others.length === 0 ? part : undefined;
}
