import type { Preparation } from '../../lib/contracts/find-images.ts';
import { count } from '../../lib/format.ts';
import { text } from '../strings.ts';
import { Bar, Panel } from './basics.tsx';

/** How far the features of a data set's images are. */
export function Preparing({ progress }: { readonly progress: Preparation['progress'] }) {
  const { done, total } = progress ?? { done: 0, total: 0 };
  return (
    <Panel title={text.label.preparing}>
      <Bar share={total === 0 ? 0 : done / total} label={text.label.preparing} />
      <p class="muted">{text.label.prepared(count(done), count(total))}</p>
    </Panel>
  );
}
