/** A counting semaphore with a first-in, first-out queue, so that small requests do not starve a large one. */
export interface Semaphore {
  /** Runs `act` while holding `tokens` tokens, capped at the total. */
  run<T>(tokens: number, act: () => Promise<T>): Promise<T>;
}

/** Creates a semaphore with `most` tokens. */
export function createSemaphore(most: number): Semaphore {
  let free = most;
  const waiting: { readonly tokens: number; readonly begin: () => void }[] = [];

  function beginNext(): void {
    for (let [next] = waiting; next !== undefined && next.tokens <= free; [next] = waiting) {
      waiting.shift();
      free -= next.tokens;
      next.begin();
    }
  }

  return {
    async run(wanted, act) {
      const tokens = Math.min(wanted, most);
      const turn = Promise.withResolvers<void>();
      waiting.push({ tokens, begin: turn.resolve });
      beginNext();
      await turn.promise;
      try {
        return await act();
      } finally {
        free += tokens;
        beginNext();
      }
    },
  };
}
