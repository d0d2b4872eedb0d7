import { useState } from 'preact/hooks';
import { Panel } from '../components/basics.tsx';
import { Icon } from '../components/icon.tsx';
import { Picture } from '../components/picture.tsx';
import type { LabelQueue } from '../label-queue.ts';
import { text } from '../strings.ts';
import { MOST_KEYS } from '../use-keys.ts';
import type { UsedLabelKeys } from '../use-label-keys.ts';

/** One image at a time: a key or a button gives it a label. */
export function AskImage({ queue, keys }: { readonly queue: LabelQueue; readonly keys: UsedLabelKeys }) {
  const { current, isUndoing } = queue;
  const { labels } = keys;
  const isBlocked = current === undefined || isUndoing;
  return (
    <Panel title={text.label.ask} aside={current && <span class="badge">{text.label.reasons[current.reason]}</span>}>
      <div class="ask">
        <div class="ask-image">{current && <Picture key={current.path} image={current} />}</div>
        <div class="column">
          {labels.length > 0 && (
            <ul class="ask-labels">
              {labels.map((label, index) => (
                <li key={label}>
                  <button type="button" class="button" disabled={isBlocked} onClick={() => queue.label(label)}>
                    {index < MOST_KEYS && <kbd>{index + 1}</kbd>}
                    <span class="grow">{label}</span>
                  </button>
                  {keys.unused.includes(label) && !queue.hasLabel(label) && (
                    <button
                      type="button"
                      class="button quiet icon"
                      aria-label={text.label.removeClass(label)}
                      title={text.label.removeClass(label)}
                      onClick={() => keys.remove(label)}
                    >
                      <Icon name="cross" size={14} />
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )}
          <div class="row">
            <button type="button" class="button" disabled={isBlocked} onClick={queue.skip}>
              <kbd>S</kbd> {text.label.skip}
            </button>
            <UndoButton queue={queue} />
          </div>
          <AddClass isFirst={labels.length < 2} onAdd={(label) => !labels.includes(label) && keys.add(label)} />
          <p class="muted small">{labels.length < 2 ? text.label.nameTwo : text.label.keys}</p>
        </div>
      </div>
    </Panel>
  );
}

/** Takes the last label back, or the last suggestions that were accepted together. */
export function UndoButton({ queue }: { readonly queue: LabelQueue }) {
  return (
    <button type="button" class="button" disabled={!queue.canUndo} onClick={queue.undo}>
      <kbd>Z</kbd> {text.label.undo}
    </button>
  );
}

function AddClass({ isFirst, onAdd }: { readonly isFirst: boolean; readonly onAdd: (label: string) => void }) {
  const [label, setLabel] = useState('');
  function add(event: Event): void {
    event.preventDefault();
    if (label.trim() === '') return;
    onAdd(label.trim().normalize('NFC'));
    setLabel('');
    // The next digit is a label again, and not text.
    if (!isFirst && document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }
  return (
    <form class="field" onSubmit={add}>
      <label for="new-class">{text.label.newClass}</label>
      <div class="row add">
        <input
          id="new-class"
          class="input"
          maxLength={1024}
          value={label}
          onInput={(event) => setLabel(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={label.trim() === ''}>
          {text.label.add}
        </button>
      </div>
    </form>
  );
}
