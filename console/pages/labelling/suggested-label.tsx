import { useId, useState } from 'preact/hooks';
import type { Suggestions } from '../../../lib/contracts/suggestions.ts';
import { percent } from '../../../lib/format.ts';
import { ClassInput } from '../../components/class-input.tsx';
import { labelOfText } from '../../labelling/label-text.ts';
import { text } from '../../strings.ts';

interface SuggestedLabelProps {
  readonly image: Suggestions['suggestions'][number];
  readonly labels: readonly string[];
  /** What the image would get; empty: it is left out. */
  readonly label: string;
  readonly onChange: (label: string) => void;
}

/** The label of a suggestion, one of a few classes. */
export function SuggestionSelect({ image: { path, suggested, confidence }, labels, label, onChange }: SuggestedLabelProps) {
  return (
    <select
      class="select"
      aria-label={text.label.labelOf(path)}
      value={label}
      onChange={(event) => onChange(event.currentTarget.value)}
    >
      {labels.map((each) => (
        <option key={each} value={each}>
          {each === suggested ? text.label.confident(each, percent(confidence, 0)) : each}
        </option>
      ))}
      <option value="">{text.label.leaveOut}</option>
    </select>
  );
}

/** The label of a suggestion, one of many classes. While the text names none of them, the image is left out. */
export function SuggestionField({ image: { path, suggested, confidence }, labels, label, onChange }: SuggestedLabelProps) {
  const aboutId = useId();
  const [typed, setTyped] = useState<string>();
  const shown = typed ?? label;
  const named = labelOfText(shown, labels);
  const isUnknown = named !== '' && !labels.includes(named);

  function type(next: string): void {
    const nextNamed = labelOfText(next, labels);
    setTyped(next);
    onChange(labels.includes(nextNamed) ? nextNamed : '');
  }
  return (
    <>
      <ClassInput
        labels={labels}
        value={shown}
        onInput={type}
        attributes={{
          'aria-label': text.label.labelOf(path),
          'aria-describedby': aboutId,
          'aria-invalid': isUnknown,
          placeholder: text.label.leaveOut,
        }}
      />
      <span id={aboutId} class={isUnknown ? 'about down' : 'about muted number'}>
        {isUnknown ? text.label.noClass : named === suggested && percent(confidence, 0)}
      </span>
    </>
  );
}
