import { useCallback, useRef, useState } from 'preact/hooks';
import type { Client } from '../../lib/client/client.ts';
import { usePolling } from './use-polling.ts';

/** Pause before it is asked again how far a preparation is. */
const PREPARING_MS = 700;

/** Signed requests are renewed so long before they expire, and at most once in this time. */
const RENEWAL_MS = 300_000;

/** The period of `useLoaded` for a value that the server is still preparing, or whose signed requests expire. */
export function whilePreparing(value: { readonly state: string; readonly expiresAt?: string } | undefined): number | undefined {
  if (value === undefined) return undefined;
  return value.state === 'preparing' ? PREPARING_MS : untilRenewal(value);
}

/** Milliseconds until signed requests should be renewed. */
function untilRenewal({ expiresAt }: { readonly expiresAt?: string }): number | undefined {
  if (expiresAt === undefined) return undefined;
  return Math.max(Date.parse(expiresAt) - Date.now() - RENEWAL_MS, RENEWAL_MS);
}

export interface Loaded<Value> {
  /** The last value; it stays while the next one is loaded. */
  readonly value: Value | undefined;
  /** Of the last attempt; what was loaded before stays beside it. */
  readonly error: unknown;
  reload(): void;
}

/**
 * Loads a value for a component; again when `key` changes, and every `everyMs` milliseconds while that is given. Requests
 * end with the component. A lost connection leaves the last value. After a failure that may pass, it is loaded again.
 */
export function useLoaded<Value>(
  key: string,
  load: (client: Client) => Promise<Value>,
  everyMs?: number | ((value: Value | undefined) => number | undefined),
): Loaded<Value> {
  const [state, setState] = useState<{ key: string; value?: Value; error?: unknown }>({ key });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const period = useRef(everyMs);
  period.current = everyMs;
  const reload = useCallback(() => setRound((count) => count + 1), []);

  usePolling<Value>(
    () => ({
      load: (client) => latest.current(client),
      onValue(value) {
        setState({ key, value });
        const { current } = period;
        return typeof current === 'function' ? current(value) : current;
      },
      onError: (error) => setState((last) => (last.key === key ? { ...last, error } : { key, error })),
    }),
    [key, round],
  );

  const isOfKey = state.key === key;
  return { value: isOfKey ? state.value : undefined, error: isOfKey ? state.error : undefined, reload };
}
