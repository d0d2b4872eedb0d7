import { useState } from 'preact/hooks';
import { ClassInput } from '../../components/class-input.tsx';
import { MOST_KEYS } from '../../hooks/use-keys.ts';
import type { LabelQueue } from '../../labelling/label-queue.ts';
import { labelOfText } from '../../labelling/label-text.ts';
import type { UsedLabelKeys } from '../../labelling/use-label-keys.ts';
import { text } from '../../strings.ts';
import { RemoveClass } from './remove-class.tsx';

/** A field for classes: the name of one labels the image that is shown, and another name becomes a class. */
export function ClassForm(props: {
  readonly queue: LabelQueue;
  readonly keys: UsedLabelKeys;
  /** Whether no image takes a label now. */
  readonly isBlocked: boolean;
}) {
  const { queue, keys, isBlocked } = props;
  const { labels } = keys;
  const [typed, setTyped] = useState('');
  const label = labelOfText(typed, labels);
  const isKnown = labels.includes(label);
  const isOpen = label !== '' && !(isKnown && isBlocked);
  const hasOthers = labels.length > MOST_KEYS;

  function submit(event: Event): void {
    event.preventDefault();
    if (!isOpen) return;
    if (isKnown) queue.label(label);
    else keys.add(label);
    const haveKeys = labels.length + (isKnown ? 0 : 1) <= MOST_KEYS;
    // A new class without a key has no button either: its name stays, and labels the image when it is sent again.
    if (isKnown || haveKeys) setTyped('');
    // Where all classes have keys, the next digit is a label again, and not text. At first, two names follow each other.
    if (haveKeys && labels.length >= 2 && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }
  return (
    <form class="field" onSubmit={submit}>
      <label for="class-name">{hasOthers ? text.label.className : text.label.newClass}</label>
      <div class="row add">
        <ClassInput labels={hasOthers ? labels : []} value={typed} onInput={setTyped} attributes={{ id: 'class-name' }} />
        <button type="submit" class="button" disabled={!isOpen}>
          {isKnown ? text.label.give : text.label.add}
        </button>
        {hasOthers && <RemoveClass label={label} queue={queue} keys={keys} />}
      </div>
    </form>
  );
}
