import { useLayoutEffect, useRef } from 'preact/hooks';
import { needsToken } from '../api.ts';

/** Classes that have a key, 1 to 9. */
export const MOST_KEYS = 9;

/** Elements that take keys themselves; a checkbox takes the space bar alone, which no page uses. */
const FIELDS = 'input:not([type=checkbox]), select, textarea';

/** The label whose key this is. */
export function labelOfKey({ key }: KeyboardEvent, labels: readonly string[]): string | undefined {
  return /^[1-9]$/.test(key) ? labels[Number(key) - 1] : undefined;
}

/**
 * Passes on the keys that are pressed anywhere on a page, unless a field has the focus that takes the key itself. Keys that
 * are pressed before the page is drawn again find what is the latest, and those that are pressed as soon as it is drawn
 * count.
 */
export function useKeys(act: (event: KeyboardEvent) => void): void {
  const latest = useRef(act);
  latest.current = act;
  useLayoutEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const isField = event.target instanceof HTMLElement && event.target.matches(FIELDS);
      // Without a token, the page is hidden.
      if (isField || needsToken.value || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      latest.current(event);
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}
