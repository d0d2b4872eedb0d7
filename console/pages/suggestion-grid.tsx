import { useEffect, useRef } from 'preact/hooks';
import type { Suggestions } from '../../lib/contracts/suggestions.ts';
import { needsToken } from '../api.ts';
import { Panel } from '../components/basics.tsx';
import { Thumbnail } from '../components/thumbnail.tsx';
import { counted } from '../format.ts';
import type { LabelQueue } from '../label-queue.ts';
import { text } from '../strings.ts';
import { MOST_KEYS } from '../use-keys.ts';
import { SuggestionField, SuggestionSelect } from './suggested-label.tsx';

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
  const SuggestedLabel = labels.length > MOST_KEYS ? SuggestionField : SuggestionSelect;
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
              <SuggestedLabel
                image={image}
                labels={labels}
                label={changed.get(image.path) ?? image.suggested}
                onChange={(label) => onChange(image.path, label)}
              />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
