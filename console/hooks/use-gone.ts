import { useEffect, useRef } from 'preact/hooks';

/** Tells work that takes long whether its component is gone meanwhile. */
export function useGone(): { readonly current: boolean } {
  const isGone = useRef(false);
  useEffect(
    () => () => {
      isGone.current = true;
    },
    [],
  );
  return isGone;
}
