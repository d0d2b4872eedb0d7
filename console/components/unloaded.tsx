import { Skeleton } from './basics.tsx';
import { Problem } from './problem.tsx';

/** In place of what is not loaded yet, or could not be loaded. What was loaded before stays beside a later failure. */
export function Unloaded({ error, lines = 3 }: { readonly error: unknown; readonly lines?: number }) {
  return error === undefined ? <Skeleton lines={lines} /> : <Problem error={error} />;
}
