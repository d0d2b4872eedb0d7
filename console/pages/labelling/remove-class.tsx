import { Icon } from '../../components/icon.tsx';
import type { LabelQueue } from '../../labelling/label-queue.ts';
import type { UsedLabelKeys } from '../../labelling/use-label-keys.ts';
import { text } from '../../strings.ts';

/** Forgets a class that somebody entered, as long as no image has it. For other classes, it renders nothing. */
export function RemoveClass(props: { readonly label: string; readonly queue: LabelQueue; readonly keys: UsedLabelKeys }) {
  const { label, queue, keys } = props;
  if (!keys.unused.includes(label) || queue.hasLabel(label)) return null;
  return (
    <button
      type="button"
      class="button quiet icon"
      aria-label={text.label.removeClass(label)}
      title={text.label.removeClass(label)}
      onClick={() => keys.remove(label)}
    >
      <Icon name="cross" size={14} />
    </button>
  );
}
