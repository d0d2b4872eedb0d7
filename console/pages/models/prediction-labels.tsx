import { percent } from '../../../lib/format.ts';
import { text } from '../../strings.ts';

interface PredictedLabel {
  readonly label: string;
  readonly probability: number;
}

/** The labels of a prediction, most probable first, and whether the model knows such images. */
export function PredictionLabels(props: {
  readonly labels: readonly PredictedLabel[];
  readonly isKnown: boolean | undefined;
  readonly hasAbstained?: boolean;
}) {
  const { labels, isKnown, hasAbstained = false } = props;
  return (
    <>
      {(isKnown === false || hasAbstained) && (
        <p>
          <span class="badge warn">{isKnown === false ? text.try.unknown : text.try.abstained}</span>{' '}
          <span class="muted small">{isKnown === false ? text.try.unknownAbout : text.try.abstainedAbout}</span>
        </p>
      )}
      <ol class="prediction" aria-live="polite">
        {labels.slice(0, 5).map(({ label, probability }, index) => (
          <li key={label} class={index === 0 ? 'first' : ''}>
            <span class="label">{label}</span>
            <span class="number">{percent(probability)}</span>
            <span class="bar">
              <span style={{ width: `${probability * 100}%` }} />
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
