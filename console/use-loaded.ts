import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../lib/client/client.ts';
import { cancellable, generation, isUnreachable } from './api.ts';
import { mayPass, RETRY_MS } from './may-pass.ts';

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

  useEffect(() => {
    let isCurrent = true;
    const controller = new AbortController();
    const client = cancellable(controller.signal);
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function run(): Promise<void> {
      let pause: number | undefined;
      try {
        const value = await latest.current(client);
        if (isCurrent) setState({ key, value });
        const { current } = period;
        pause = typeof current === 'function' ? current(value) : current;
      } catch (error) {
        if (!isCurrent) return;
        // The shell says that the server does not answer; the last value stays.
        if (!isUnreachable(error)) setState((last) => (last.key === key ? { ...last, error } : { key, error }));
        if (!mayPass(error)) return;
        pause = RETRY_MS;
      }
      if (isCurrent && pause !== undefined) timer = setTimeout(run, pause);
    }
    void run();
    return () => {
      isCurrent = false;
      controller.abort();
      clearTimeout(timer);
    };
  }, [key, round, generation.value]);

  const isOfKey = state.key === key;
  return { value: isOfKey ? state.value : undefined, error: isOfKey ? state.error : undefined, reload };
}
