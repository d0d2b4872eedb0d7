import { type Crumb, PageHead, Skeleton } from './basics.tsx';
import { Problem } from './problem.tsx';

interface UnloadedProps {
  readonly error: unknown;
  readonly lines?: number;
}

/** Instead of what is not loaded yet, or could not be loaded. What was loaded before stays beside a later failure. */
export function Unloaded({ error, lines = 3 }: UnloadedProps) {
  return error === undefined ? <Skeleton lines={lines} /> : <Problem error={error} />;
}

/** A page that is not loaded yet, or could not be loaded: it says from the start which one it is. */
export function UnloadedPage(props: UnloadedProps & { readonly title: string; readonly crumbs?: readonly Crumb[] }) {
  const { title, crumbs = [], error, lines = 5 } = props;
  return (
    <>
      <PageHead title={title} crumbs={crumbs} />
      <Unloaded error={error} lines={lines} />
    </>
  );
}
