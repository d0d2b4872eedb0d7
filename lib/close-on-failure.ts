/**
 * Works with something that is open, and closes it if the work fails. Otherwise the caller closes it.
 * @returns the work's result
 */
export async function closeOnFailure<T>(opened: { close(): Promise<void> }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await opened.close();
    throw error;
  }
}
