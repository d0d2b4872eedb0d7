/**
 * How long work may continue after it was asked to stop: enough for a checkpoint, and less than Lambda, ECS or the
 * local worker wait.
 */
const GRACE_PERIOD_MS = 20_000;

/**
 * Waits for work that should end when its signal is aborted. Work that exceeds the grace period is abandoned, because
 * its process ends soon.
 * @throws as the work; the signal's reason if the work is overdue
 */
export async function withAbortGracePeriod<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  overdueMs = GRACE_PERIOD_MS,
): Promise<Result> {
  const abandoned = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => abandoned.reject(signal.reason), overdueMs);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  // Nobody awaits abandoned work, so its failure is ignored.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, abandoned.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
