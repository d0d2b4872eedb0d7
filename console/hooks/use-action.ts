import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useGone } from './use-gone.ts';

/**
 * What a button or a form does: at most once at a time, and with the failure of the last time. It gives the focus back to
 * a button that lost it because it was disabled meanwhile.
 * @param props.isLast whether a success removes the component: it stays busy until then
 */
export function useAction({ isLast = false }: { readonly isLast?: boolean } = {}) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  // A second click may come before the button is drawn as disabled.
  const isRunning = useRef(false);
  const isGone = useGone();
  const focused = useRef<Element | null>(null);

  useLayoutEffect(() => {
    if (isBusy) return;
    const { current } = focused;
    focused.current = null;
    if (document.activeElement === document.body && current instanceof HTMLElement) current.focus();
  }, [isBusy]);

  /**
   * Does nothing while an earlier run is under way. Never rejects: `failure` has what is thrown.
   * @param onDone called with what `work` returns, unless the component is gone meanwhile
   */
  async function run<Result>(work: () => Promise<Result>, onDone?: (result: Result) => void): Promise<void> {
    if (isRunning.current) return;
    isRunning.current = true;
    focused.current = document.activeElement;
    setBusy(true);
    setFailure(undefined);
    try {
      const result = await work();
      if (!isGone.current) onDone?.(result);
      if (isLast) return;
    } catch (error) {
      setFailure(error);
    }
    isRunning.current = false;
    setBusy(false);
  }

  return { run, isBusy, failure, forget: () => setFailure(undefined) };
}
