import { useState } from 'preact/hooks';
import type { Suggestions } from '../../../lib/contracts/suggestions.ts';
import { count, counted, percent } from '../../../lib/format.ts';
import { Empty, PageHead, Stats } from '../../components/basics.tsx';
import { Icon } from '../../components/icon.tsx';
import { Preparing } from '../../components/preparing.tsx';
import { Problem } from '../../components/problem.tsx';
import { UnloadedPage } from '../../components/unloaded.tsx';
import { useGone } from '../../hooks/use-gone.ts';
import { labelOfKey, useKeys } from '../../hooks/use-keys.ts';
import { isGoodEnough } from '../../labelling/is-good-enough.ts';
import { useLabelKeys } from '../../labelling/use-label-keys.ts';
import { useLabelling } from '../../labelling/use-labelling.ts';
import { goTo, linkTo } from '../../router.ts';
import { text } from '../../strings.ts';
import { LabelImage, UndoButton } from './label-image.tsx';
import { SuggestionGrid } from './suggestion-grid.tsx';

/** Labels the images of a data set: one by one, or a grid of suggestions at once. */
export function LabelPage({ name }: { readonly name: string }) {
  const { state, error, queue } = useLabelling(name);
  const isGone = useGone();
  /** Changed labels of suggestions by path. They outlive each new list of suggestions. */
  const [changed, setChanged] = useState<ReadonlyMap<string, string>>(new Map());
  const keys = useLabelKeys(name, state?.classes.map(({ label }) => label) ?? []);
  const isAsking = state?.state === 'ready' && state.unlabelled > 0;
  // Z also takes the last label of all back.
  useKeys((event) => {
    const label = labelOfKey(event, keys.labels);
    if (event.key.toLowerCase() === 'z') queue.undo();
    else if (isAsking && label !== undefined) queue.label(label);
    else if (isAsking && event.key.toLowerCase() === 's') queue.skip();
  });

  async function train(): Promise<void> {
    if ((await queue.flush()) && !isGone.current) goTo(linkTo(['train'], { dataset: name }));
  }
  const crumbs = [
    { label: text.pages.datasets, link: '#/datasets' },
    { label: name, link: linkTo(['datasets', name]) },
  ];
  if (state === undefined) return <UnloadedPage title={text.label.title(name)} crumbs={crumbs} error={error} />;
  return (
    <>
      <PageHead title={text.label.title(name)} about={text.label.about} crumbs={crumbs}>
        <button type="button" class="button primary" disabled={state.classes.length < 2} onClick={train}>
          {text.dataset.train}
        </button>
      </PageHead>
      {error !== undefined && <Problem error={error} />}
      {queue.failure !== undefined && <Problem error={queue.failure} />}
      <Progress labelled={queue.labelled} state={state} />
      {state.state === 'preparing' ? (
        <Preparing progress={state.progress} />
      ) : state.unlabelled === 0 ? (
        <Empty icon="check" title={text.label.done} action={queue.canUndo && <UndoButton queue={queue} />}>
          {text.label.doneAbout}
        </Empty>
      ) : (
        <>
          <LabelImage queue={queue} keys={keys} />
          <SuggestionGrid
            queue={queue}
            labels={keys.labels}
            suggestions={state.suggestions}
            changed={changed}
            onChange={(path, label) => setChanged((before) => new Map(before).set(path, label))}
          />
        </>
      )}
    </>
  );
}

/** @param labelled images, with those that were labelled here */
function Progress({ labelled, state }: { readonly labelled: number; readonly state: Suggestions }) {
  const { accuracy, gain } = state;
  return (
    <div class="column" role="status">
      <Stats
        of={[
          [
            text.label.labelled,
            <>
              {count(labelled)} <small>{text.label.of(count(state.labelled + state.unlabelled))}</small>
            </>,
          ],
          [
            text.label.accuracy,
            accuracy === undefined ? (
              <small>{text.label.noAccuracy}</small>
            ) : (
              <>
                {percent(accuracy.value, 0)}{' '}
                <small>{text.label.range(percent(accuracy.low, 0), percent(accuracy.high, 0))}</small>
              </>
            ),
          ],
        ]}
      />
      {accuracy !== undefined && <p class="muted small">{text.label.methods[accuracy.method](accuracy.images)}</p>}
      {isGoodEnough(state) && (
        <p class="row up">
          <Icon name="check" size={16} />
          {gain === undefined ? text.label.goodUnknown : text.label.good}
        </p>
      )}
      {gain !== undefined && (
        <p class="muted">{text.label.gain(counted(gain.labels, text.label.label), (gain.accuracy * 100).toFixed(1))}</p>
      )}
    </div>
  );
}
