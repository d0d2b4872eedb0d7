import { Panel } from '../../components/basics.tsx';
import { Picture } from '../../components/picture.tsx';
import { MOST_KEYS } from '../../hooks/use-keys.ts';
import type { LabelQueue } from '../../labelling/label-queue.ts';
import type { UsedLabelKeys } from '../../labelling/use-label-keys.ts';
import { text } from '../../strings.ts';
import { ClassForm } from './class-form.tsx';
import { RemoveClass } from './remove-class.tsx';

/** One image at a time: a key, a button or the name of a class gives it a label. */
export function LabelImage({ queue, keys }: { readonly queue: LabelQueue; readonly keys: UsedLabelKeys }) {
  const { current, isUndoing } = queue;
  const { labels } = keys;
  const isBlocked = current === undefined || isUndoing;
  return (
    <Panel title={text.label.ask} aside={current && <span class="badge">{text.label.reasons[current.reason]}</span>}>
      <div class="label-image">
        <div class="large-image">{current && <Picture key={current.path} image={current} />}</div>
        <div class="column">
          {labels.length > 0 && (
            <ul class="label-buttons">
              {labels.slice(0, MOST_KEYS).map((label, index) => (
                <li key={label}>
                  <button type="button" class="button" disabled={isBlocked} onClick={() => queue.label(label)}>
                    <kbd>{index + 1}</kbd>
                    <span class="grow">{label}</span>
                  </button>
                  <RemoveClass label={label} queue={queue} keys={keys} />
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
          <ClassForm queue={queue} keys={keys} isBlocked={isBlocked} />
          <p class="muted small">{aboutKeys(labels.length)}</p>
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

function aboutKeys(classes: number): string {
  if (classes < 2) return text.label.nameTwo;
  return classes > MOST_KEYS ? text.label.keysAndField : text.label.keys;
}
