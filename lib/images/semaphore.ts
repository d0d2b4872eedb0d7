/**
 * A number of tokens that those at work hold together. Who asks first gets his first: a large share is not passed by
 * small ones for ever.
 */
export interface Semaphore {
  /** Runs `act` while it holds so many tokens, at most all there are. */
  run<T>(tokens: number, act: () => Promise<T>): Promise<T>;
}

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
    async run(tokens, act) {
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
