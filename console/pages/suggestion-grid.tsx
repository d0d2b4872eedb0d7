import { useEffect, useState } from 'preact/hooks';
import type { Suggestions } from '../../lib/contracts/suggestions.ts';
import { Panel } from '../components/basics.tsx';
import { Thumbnail } from '../components/thumbnail.tsx';
import { counted, percent } from '../format.ts';
import { text } from '../strings.ts';
import type { Labelling } from '../use-labelling.ts';

/** Suggested labels, the most confident first: each can be changed or left out before all are accepted. */
export function SuggestionGrid(props: {
  readonly labelling: Labelling;
  readonly labels: readonly string[];
  readonly suggestions: Suggestions['suggestions'];
}) {
  const { labelling, labels, suggestions } = props;
  /** Changed labels by path; an empty one leaves the image out. */
  const [changed, setChanged] = useState<ReadonlyMap<string, string>>(new Map());
  const labelled = new Set(labelling.pending.map(({ image }) => image.path));
  const shown = suggestions.filter(({ path }) => !labelled.has(path));
  const chosen = shown.flatMap(({ path, suggested }) => {
    const label = changed.get(path) ?? suggested;
    return label === '' ? [] : [{ path, label, isSuggested: label === suggested }];
  });
  const canAccept = chosen.length > 0 && !labelling.isSending;
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const isTaken = event.target instanceof HTMLElement && event.target.matches('input, select, textarea, button, a, summary');
      if (event.key === 'Enter' && !isTaken && !event.repeat && canAccept) void labelling.accept(chosen);
    }
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
  return (
    <Panel
      title={text.label.suggestions}
      aside={
        shown.length > 0 && (
          <button type="button" class="button primary" disabled={!canAccept} onClick={() => void labelling.accept(chosen)}>
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
                onChange={(event) => setChanged(new Map(changed).set(image.path, event.currentTarget.value))}
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
