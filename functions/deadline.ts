import type { Context } from 'aws-lambda';
import { RuntimeError } from '../lib/errors.ts';
import { INVOCATION_OVER } from '../lib/jobs/attempt-limits.ts';

/** Time that is left when a function starts to save its progress. */
const MARGIN_MS = 60_000;

/** Aborted a minute before the function's time is over, with that reason. */
export function deadlineOf(context: Context): AbortSignal {
  const deadline = new AbortController();
  const over = () => deadline.abort(invocationOver(context));
  setTimeout(over, Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS)).unref();
  return deadline.signal;
}

function invocationOver({ functionName }: Context): RuntimeError {
  return new RuntimeError(INVOCATION_OVER, {
    at: functionName,
    expected: 'work that ends within the time of a function',
    received: 'work that goes on in another call',
    fix: 'nothing: it continues where it stopped',
    retryable: true,
  });
}
