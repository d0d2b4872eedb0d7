import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { text } from '../strings.ts';
import { Icon } from './icon.tsx';

/** A picture with what belongs to it, above the page and open from the start. */
export function PictureDialog(props: {
  readonly title: string;
  /** Beside the title. */
  readonly aside?: ComponentChildren;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const { title, aside, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} class="look-image" aria-label={title} onClose={onClose}>
      <div class="inner">
        <div class="row title">
          <h2 class="mono">{title}</h2>
          {aside}
          <button type="button" class="button quiet icon" aria-label={text.close} onClick={() => dialog.current?.close()}>
            <Icon name="cross" size={16} />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
