import { useRef, useState } from 'preact/hooks';
import type { Action } from '../actions.ts';
import { text } from '../strings.ts';
import { Icon } from './icon.tsx';

const FORMS = ['command', 'curl', 'typescript'] as const;

/** A button that shows an action as a command, a request and a program, to copy. */
export function CopyAction({ action, label = text.copy.button }: { readonly action: Action; readonly label?: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [form, setForm] = useState<(typeof FORMS)[number]>('command');
  const code = useRef<HTMLPreElement>(null);
  const [isCopied, setCopied] = useState(false);
  const [isSelected, setSelected] = useState(false);
  const shown = action[form];

  // Browsers have no clipboard for a page over HTTP, and may refuse it to others: then the text is selected to be copied.
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(shown);
    } catch {
      if (code.current !== null) getSelection()?.selectAllChildren(code.current);
      setSelected(true);
      return;
    }
    setSelected(false);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  }

  return (
    <>
      <button type="button" class="button quiet" onClick={() => dialog.current?.showModal()}>
        <Icon name="copy" size={16} />
        {label}
      </button>
      <dialog ref={dialog} aria-label={text.copy.title}>
        <div class="inner">
          <div class="page-head">
            <h2>{text.copy.title}</h2>
            <div class="tabs">
              {FORMS.map((name) => (
                <button key={name} type="button" aria-pressed={form === name} onClick={() => setForm(name)}>
                  {text.copy[name]}
                </button>
              ))}
            </div>
          </div>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard */}
          <pre ref={code} class="code" tabIndex={0}>
            {shown}
          </pre>
          <p class="muted small" role="status">
            {isSelected && text.copy.selected}
          </p>
          <div class="row">
            <button type="button" class="button primary" onClick={copy}>
              <Icon name={isCopied ? 'check' : 'copy'} size={16} />
              {isCopied ? text.copy.done : text.copy.copy}
            </button>
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              {text.close}
            </button>
          </div>
        </div>
      </dialog>
    </>
  );
}
