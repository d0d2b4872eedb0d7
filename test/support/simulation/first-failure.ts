import fc from 'fast-check';

/** What is wrong with the first of so many runs that fails; undefined if none does. It is not made smaller. */
export async function firstFailure<Values>(
  property: fc.IAsyncProperty<Values>,
  runs: number,
  seed: number,
): Promise<string | undefined> {
  const { failed, errorInstance } = await fc.check(property, { seed, numRuns: runs, endOnFailure: true });
  return failed ? String(errorInstance) : undefined;
}
