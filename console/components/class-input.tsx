import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { matchingLabels } from '../labelling/label-text.ts';

/** A text field that offers the classes that match what is typed: there may be thousands, and no list shows all. */
export function ClassInput(props: {
  /** None: it offers nothing. */
  readonly labels: readonly string[];
  readonly value: string;
  readonly onInput: (typed: string) => void;
  /** Further attributes of the input. */
  readonly attributes: Pick<
    JSX.IntrinsicElements['input'],
    'id' | 'placeholder' | 'aria-label' | 'aria-describedby' | 'aria-invalid'
  >;
}) {
  const { labels, value, onInput, attributes } = props;
  const listId = useId();
  const [isFocused, setFocused] = useState(false);
  const hasList = labels.length > 0;
  return (
    <>
      <input
        class="input"
        maxLength={1024}
        autocomplete="off"
        {...attributes}
        list={hasList ? listId : undefined}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        onFocus={(event) => {
          event.currentTarget.select();
          setFocused(true);
        }}
        onBlur={() => setFocused(false)}
      />
      {hasList && (
        <datalist id={listId}>
          {isFocused && matchingLabels(value, labels).map((label) => <option key={label} value={label} />)}
        </datalist>
      )}
    </>
  );
}
