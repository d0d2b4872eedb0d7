import { describe, expect, it } from 'vitest';
import {
  afterUndo,
  currentImage,
  type Entry,
  isLabelled,
  type LabelState,
  labelledImages,
  lastEntry,
  type NextImage,
  NO_LABELS,
  openImages,
  pinCurrent,
  withEntry,
  withoutEntry,
  withSeen,
  withSent,
  withSkipped,
} from '../../../console/labelling/label-entries.ts';

const image = (path: string) => ({ path, labels: [], reason: 'random', sha256: path }) as never as NextImage;
const seen = (paths: string) => ({ digest: paths, labelled: 0, next: [...paths].map(image) });
const entryOf = (path: string, shown = true): Entry => ({
  labels: [{ image: path, labels: ['x'] }],
  ...(shown && { image: image(path) }),
  stage: 'sent',
  isUndone: false,
});
const pathsOf = (state: LabelState) => openImages(state).map(({ path }) => path);
const start = withSeen(NO_LABELS, seen('abcd'));

describe('the state of a page that labels images', () => {
  it('asks about images without a label, and again about one whose label was dropped', () => {
    const a = entryOf('a');
    const labelled = withEntry(start, a);
    expect([pathsOf(labelled), isLabelled(labelled, 'a')]).toEqual([['b', 'c', 'd'], true]);
    expect(currentImage(withoutEntry(labelled, a))?.path).toBe('a');
  });

  it('keeps the image that is shown when the server would ask about another one', () => {
    const later = seen('dcab');
    const state = withSeen(start, later);
    expect(currentImage(state)).toBe(later.next[2]);
    expect(currentImage(withSeen(start, seen('dc')))?.path).toBe('a');
  });

  it('shows the image whose label is taken back, and then asks about it, or goes on after suggestions', () => {
    const [a, suggestions] = [entryOf('a'), entryOf('d', false)];
    const state = withEntry(withEntry(start, a), suggestions);
    expect(lastEntry(state)).toBe(suggestions);
    expect(currentImage(afterUndo(state, suggestions))?.path).toBe('b');
    const undoing = pinCurrent(state);
    a.isUndone = true;
    expect(currentImage(undoing)?.path).toBe('a');
    expect(currentImage(afterUndo(undoing, a))?.path).toBe('a');
  });

  it.each([
    ['an earlier version', ['1', '2'], '1', 4],
    ['the last version', ['1', '2'], '2', 2],
    ['a version that somebody else made of the last one', ['1', '2'], '3', 2],
    ['the version before, by an answer that was on its way', ['1', '2'], 'abcd', 5],
    ['the version before, because the labels were taken back', ['1', 'abcd'], 'abcd', 2],
  ])('counts labels that were sent until they are seen: %s', (_, sent, digest, expected) => {
    const state = sent.reduce((before, made, index) => withSent(before, { digest: made, added: index + 1 }), start);
    expect(labelledImages(withSeen(state, { digest, labelled: 2, next: [] }))).toBe(expected);
  });

  it('asks about skipped images again after the last one', () => {
    let state = start;
    for (const path of 'abc') state = withSkipped(state, image(path));
    expect(pathsOf(state)).toEqual(['d']);
    expect(pathsOf(withSkipped(state, image('d')))).toEqual(['a', 'b', 'c', 'd']);
  });
});
