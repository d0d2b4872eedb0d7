/** What a browser keeps for a page. Where it allows no storage, the page keeps it until it is closed. */
export interface KeptValues {
  get(key: string): string | null;
  set(key: string, value: string): void;
}

/** @param open returns the browser's storage, or throws if the page may not use it */
export function openStorage(open: () => Pick<Storage, 'getItem' | 'setItem'>): KeptValues {
  const own = new Map<string, string>();
  return {
    get(key) {
      try {
        return own.get(key) ?? open().getItem(key);
      } catch {
        return own.get(key) ?? null;
      }
    },
    set(key, value) {
      try {
        open().setItem(key, value);
        own.delete(key);
      } catch {
        own.set(key, value);
      }
    },
  };
}

/** Until the tab is closed. */
export const tabStorage = openStorage(() => sessionStorage);
/** In all tabs, and after they are closed. */
export const browserStorage = openStorage(() => localStorage);
