import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { EvaluatedImageList, EvaluatedImageQuery } from '../../../lib/contracts/evaluated-images.ts';
import type { ModelReport } from '../../../lib/contracts/model-report.ts';
import { count, percent } from '../../../lib/format.ts';
import { Panel, Stats } from '../../components/basics.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { filterOf, type LookState, type MovableThreshold, thresholdOf } from '../../look-state.ts';
import { replaceAddress, withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { EvaluatedGrid } from './evaluated-grid.tsx';

/**
 * What another threshold would change. Single-label: the model abstains below it. Multi-label: it predicts a label from
 * it on.
 */
export function ThresholdPanel({ report, state }: { readonly report: ModelReport; readonly state: LookState }) {
  const movable = thresholdOf(report, state);
  if (movable === undefined) return null;
  const { of } = movable;
  if (of === undefined) return <SliderPanel report={report} state={state} movable={movable} aside={false} />;
  const select = (
    <label class="row">
      <span class="muted small">{text.look.thresholdLabel}</span>
      <select
        class="select narrow"
        value={of}
        onChange={(event) => replaceAddress(withQuery({ of: event.currentTarget.value, threshold: undefined }))}
      >
        {report.thresholds?.map(({ label }) => (
          <option key={label} value={label}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
  return <SliderPanel report={report} state={state} movable={movable} aside={select} />;
}

function SliderPanel(props: {
  readonly report: ModelReport;
  readonly state: LookState;
  readonly movable: MovableThreshold;
  readonly aside: ComponentChildren;
}) {
  const { report, state, movable, aside } = props;
  const { of, start } = movable;
  const filter = filterOf('crossing', state, report);
  const reference = `${report.model}@${report.version}`;
  const { value, error } = useLoaded(`bins ${reference} ${of}`, (client) =>
    client.models.evaluatedImages(reference, { of, limit: 1 }),
  );
  const initial = Math.round(start * 100);
  // The numbers follow the slider while it moves; the pictures are asked for once it rests.
  const [sliding, setSliding] = useState<number>();
  useEffect(() => setSliding(undefined), [of]);
  const percentage = sliding ?? state.threshold ?? initial;
  return (
    <Panel title={text.look.threshold} aside={aside}>
      <p class="muted small">{of === undefined ? text.look.thresholdAbout : text.look.thresholdOf}</p>
      <div class="slider">
        <input
          type="range"
          min={0}
          max={100}
          step={1}
          value={percentage}
          aria-label={text.look.slider}
          aria-valuetext={percent(percentage / 100, 0)}
          onInput={(event) => setSliding(Number(event.currentTarget.value))}
          onChange={(event) => {
            setSliding(undefined);
            replaceAddress(withQuery({ threshold: event.currentTarget.value }));
          }}
        />
        <output class="number">{percent(percentage / 100, 0)}</output>
      </div>
      {value === undefined ? <Unloaded error={error} lines={2} /> : <Effect bins={value.bins} percentage={percentage} of={of} />}
      {filter !== undefined && state.threshold !== undefined && (
        <Crossing reference={reference} task={report.task} filter={filter} movable={movable} threshold={state.threshold / 100} />
      )}
    </Panel>
  );
}

/** What a threshold gives, by the counts of images in each percent. */
function Effect(props: {
  readonly bins: EvaluatedImageList['bins'];
  readonly percentage: number;
  readonly of: string | undefined;
}) {
  const { bins, percentage, of } = props;
  const total = countIn(bins);
  const above = countIn(bins.slice(percentage));
  const share = (some: number, all: number) => (all === 0 ? '–' : percent(some / all));
  const answered = (
    <>
      {count(above.images)} <small>{text.look.ofImages(share(above.images, total.images))}</small>
    </>
  );
  return (
    <div aria-live="polite">
      <Stats
        of={
          of === undefined
            ? [
                [text.look.answered, answered],
                [text.look.accuracyOfAnswered, share(above.right, above.images)],
              ]
            : [
                [text.look.answered, answered],
                [text.look.precision, share(above.right, above.images)],
                [text.look.recall, share(above.right, total.right)],
              ]
        }
      />
    </div>
  );
}

function countIn(bins: EvaluatedImageList['bins']): { images: number; right: number } {
  return {
    images: bins.reduce((total, { images }) => total + images, 0),
    right: bins.reduce((total, { right }) => total + right, 0),
  };
}

/** The pictures between the threshold of the model and another one. */
function Crossing(props: {
  readonly reference: string;
  readonly task: ModelReport['task'];
  readonly filter: Partial<EvaluatedImageQuery>;
  readonly movable: MovableThreshold;
  readonly threshold: number;
}) {
  const { reference, task, filter, movable, threshold } = props;
  const title = titleOf(movable, threshold);
  return (
    <div class="column">
      <h3>{title}</h3>
      <EvaluatedGrid
        reference={reference}
        task={task}
        filter={filter}
        list="crossing"
        label={title}
        none={text.look.noneCrosses}
      />
    </div>
  );
}

function titleOf({ of, start }: MovableThreshold, threshold: number): string {
  if (of === undefined) return text.look.belowThreshold(percent(threshold, 0));
  return start < threshold ? text.look.lost(of) : text.look.gained(of);
}
