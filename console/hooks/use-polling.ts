import { useEffect } from 'preact/hooks';
import type { Client } from '../../lib/client/client.ts';
import { cancellable, generation, isUnreachable } from '../api.ts';
import { mayPass, RETRY_MS } from '../may-pass.ts';

/** What is loaded again and again. */
interface Polled<Value> {
  load(client: Client): Promise<Value>;
  /** @returns milliseconds until it is loaded again; undefined: never */
  onValue(value: Value): number | undefined;
  /** Not called for a lost connection: the shell says that the server does not answer. */
  onError(error: unknown): void;
}

/**
 * Polls for a component. Requests end with it. After a failure that may pass, the value is loaded again.
 * @param begin called with the component, when something of `deps` changes, and when all data should be loaded again
 */
export function usePolling<Value>(begin: () => Polled<Value>, deps: readonly unknown[]): void {
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const client = cancellable(signal);
    const { load, onValue, onError } = begin();
    let timer: ReturnType<typeof setTimeout> | undefined;

    async function step(): Promise<void> {
      let pause: number | undefined;
      try {
        const value = await load(client);
        if (signal.aborted) return;
        pause = onValue(value);
      } catch (error) {
        if (signal.aborted) return;
        if (!isUnreachable(error)) onError(error);
        if (!mayPass(error)) return;
        pause = RETRY_MS;
      }
      if (pause !== undefined) timer = setTimeout(step, pause);
    }
    void step();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [...deps, generation.value]);
}
