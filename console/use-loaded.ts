import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { generation, isUnreachable } from './api.ts';

export interface Loaded<Value> {
  /** The last value; it stays while the next one is loaded. */
  readonly value: Value | undefined;
  readonly error: unknown;
  reload(): void;
}

/**
 * Loads a value for a component, again when `key` changes, and every `everyMs` milliseconds while that is given. A lost
 * connection leaves the last value: the shell says that the server does not answer.
 */
export function useLoaded<Value>(
  key: string,
  load: () => Promise<Value>,
  everyMs?: number | ((value: Value | undefined) => number | undefined),
): Loaded<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: unknown }>({ key });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const period = useRef(everyMs);
  period.current = everyMs;
  const reload = useCallback(() => setRound((count) => count + 1), []);

  useEffect(() => {
    let isCurrent = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function run(): Promise<void> {
      let value: Value | undefined;
      try {
        value = await latest.current();
        if (isCurrent) setState({ key, value });
      } catch (error) {
        if (!isCurrent) return;
        // Only a lost connection is worth another attempt.
        if (!isUnreachable(error)) return setState((last) => (last.key === key ? { ...last, error } : { key, error }));
      }
      const { current } = period;
      const pause = typeof current === 'function' ? current(value) : current;
      if (isCurrent && pause !== undefined) timer = setTimeout(run, pause);
    }
    void run();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [key, round, generation.value]);

  const isOfKey = state.key === key;
  return { value: isOfKey ? state.value : undefined, error: isOfKey ? state.error : undefined, reload };
}
