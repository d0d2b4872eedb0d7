import { useEffect, useRef } from 'preact/hooks';
import type { Suggestions } from '../../lib/contracts/suggestions.ts';
import { needsToken } from '../api.ts';
import { Panel } from '../components/basics.tsx';
import { Thumbnail } from '../components/thumbnail.tsx';
import { counted, percent } from '../format.ts';
import type { LabelQueue } from '../label-queue.ts';
import { text } from '../strings.ts';

/** Suggested labels, the most confident first: each can be changed or left out before all are accepted. */
export function SuggestionGrid(props: {
  readonly queue: LabelQueue;
  readonly labels: readonly string[];
  readonly suggestions: Suggestions['suggestions'];
  /** Changed labels by path; an empty one leaves the image out. */
  readonly changed: ReadonlyMap<string, string>;
  readonly onChange: (path: string, label: string) => void;
}) {
  const { queue, labels, suggestions, changed, onChange } = props;
  const shown = suggestions.filter(({ path }) => !queue.isLabelled(path));
  const chosen = shown.flatMap(({ path, suggested }) => {
    const label = changed.get(path) ?? suggested;
    const source = label === suggested ? ('suggestion' as const) : ('person' as const);
    return label === '' ? [] : [{ image: path, labels: [label], source }];
  });
  const canAccept = chosen.length > 0 && !queue.isSending;
  const accept = useRef<(() => void) | undefined>(undefined);
  accept.current = canAccept ? () => void queue.accept(chosen) : undefined;
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const isTaken = event.target instanceof HTMLElement && event.target.matches('input, select, textarea, button, a, summary');
      if (event.key === 'Enter' && !isTaken && !event.repeat && !needsToken.value) accept.current?.();
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <Panel
      title={text.label.suggestions}
      aside={
        shown.length > 0 && (
          <button type="button" class="button primary" disabled={!canAccept} onClick={() => accept.current?.()}>
            <kbd>Enter</kbd> {text.label.accept(counted(chosen.length, text.label.label))}
          </button>
        )
      }
    >
      {shown.length === 0 ? (
        <p class="muted">{text.label.noSuggestions}</p>
      ) : (
        <ul class="thumbs suggestions">
          {shown.map((image) => (
            <li key={image.path}>
              <Thumbnail image={image} />
              <select
                class="select"
                aria-label={text.label.labelOf(image.path)}
                value={changed.get(image.path) ?? image.suggested}
                onChange={(event) => onChange(image.path, event.currentTarget.value)}
              >
                {labels.map((label) => (
                  <option key={label} value={label}>
                    {label === image.suggested ? text.label.confident(label, percent(image.confidence, 0)) : label}
                  </option>
                ))}
                <option value="">{text.label.leaveOut}</option>
              </select>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
