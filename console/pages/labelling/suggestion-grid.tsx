import type { Suggestions } from '../../../lib/contracts/suggestions.ts';
import { counted } from '../../../lib/format.ts';
import { Panel } from '../../components/basics.tsx';
import { Thumbnail } from '../../components/thumbnail.tsx';
import { MOST_KEYS, useKeys } from '../../hooks/use-keys.ts';
import type { LabelQueue } from '../../labelling/label-queue.ts';
import { text } from '../../strings.ts';
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
  function accept(): void {
    if (canAccept) void queue.accept(chosen);
  }
  useKeys(({ key, target }) => {
    // Where a control has the focus, Enter is for that.
    const isTaken = target instanceof HTMLElement && target.matches('input, button, a, summary');
    if (key === 'Enter' && !isTaken) accept();
  });
  return (
    <Panel
      title={text.label.suggestions}
      aside={
        shown.length > 0 && (
          <button type="button" class="button primary" disabled={!canAccept} onClick={accept}>
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
