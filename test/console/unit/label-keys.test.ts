import { expect, it } from 'vitest';
import { inOrderOfKeys, keepLabelKeys, readLabelKeys, storageKeyOf } from '../../../console/labelling/label-keys.ts';
import { openStorage } from '../../../console/storage.ts';

/** Storage that two tabs share, and that is left after both are closed. */
function shared() {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
  return { items, tab: () => openStorage(() => storage) };
}

it('keys keep their class when a new one sorts before it, in another tab and after a reload', () => {
  const { tab } = shared();
  keepLabelKeys(tab(), 'bins', ['glass', 'paper']);
  const classes = ['cardboard', 'glass', 'paper'];
  expect(inOrderOfKeys(readLabelKeys(tab(), 'bins'), classes)).toEqual(['glass', 'paper', 'cardboard']);
  expect(inOrderOfKeys(readLabelKeys(tab(), 'other'), classes)).toEqual(classes);
});

it('a class whose images are all gone leaves the others their order', () => {
  const { tab } = shared();
  const keys = keepLabelKeys(tab(), 'bins', ['glass', 'paper', 'metal']);
  expect(inOrderOfKeys(keys, ['metal', 'glass'])).toEqual(['glass', 'metal']);
});

it('names that somebody entered stay until they are removed, whichever tab adds others', () => {
  const { tab } = shared();
  const [first, second] = [tab(), tab()];
  keepLabelKeys(first, 'bins', ['glass'], { add: 'trash' });
  keepLabelKeys(second, 'bins', ['glass'], { add: 'metal' });
  expect(inOrderOfKeys(readLabelKeys(first, 'bins'), ['glass'])).toEqual(['glass', 'trash', 'metal']);
  keepLabelKeys(first, 'bins', ['glass'], { remove: 'trash' });
  expect(inOrderOfKeys(readLabelKeys(second, 'bins'), ['glass'])).toEqual(['glass', 'metal']);
});

it.each(['no JSON', '{"order":[1,"a"],"own":"b"}', 'null'])('reads what something else stored: %s', (stored) => {
  const { items, tab } = shared();
  items.set(storageKeyOf('bins'), stored);
  expect(inOrderOfKeys(readLabelKeys(tab(), 'bins'), ['a', 'b'])).toEqual(['a', 'b']);
});

it('the page itself keeps values where the browser allows no storage', () => {
  const forbidden = openStorage(() => {
    throw new DOMException('no', 'SecurityError');
  });
  expect(forbidden.get('token')).toBeNull();
  forbidden.set('token', 'secret');
  expect(forbidden.get('token')).toBe('secret');
});
