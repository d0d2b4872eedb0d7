import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DatasetImage } from '../../../lib/contracts/dataset-http.ts';
import { count, counted, percent } from '../../../lib/format.ts';
import { Panel } from '../../components/basics.tsx';
import { ClassInput } from '../../components/class-input.tsx';
import { Icon } from '../../components/icon.tsx';
import { Problem } from '../../components/problem.tsx';
import { Thumbnail } from '../../components/thumbnail.tsx';
import { labelOfKey, MOST_KEYS, useKeys } from '../../hooks/use-keys.ts';
import { labelOfText } from '../../labelling/label-text.ts';
import { useLabelKeys } from '../../labelling/use-label-keys.ts';
import { useRelabelling } from '../../labelling/use-relabelling.ts';
import { linkTo } from '../../router.ts';
import { text } from '../../strings.ts';

/** Images that are drawn; the others are labelled with them. */
const MOST_SHOWN = 120;

/** An image without a label that was drawn to be a test image: a person labels it on its own, never by its likeness. */
function isHeldOut({ unlabelled, split }: DatasetImage): boolean {
  return unlabelled === true && split === 'test';
}

/** Images of which some or all get a label at once. */
export function LabelSelection(props: {
  readonly name: string;
  readonly title: string;
  readonly about?: string;
  readonly empty?: string;
  readonly images: readonly (DatasetImage & { readonly similarity?: number })[];
  /** Those of the data set. */
  readonly classes: readonly string[];
  /** Whether all images are chosen at first. */
  readonly isChosen?: boolean;
  readonly onSet: () => void;
}) {
  const { name, title, about, empty = '', images, classes, isChosen = false, onSet } = props;
  const { labels } = useLabelKeys(name, classes);
  const free = images.filter((image) => !isHeldOut(image));
  const first = () => new Set(isChosen ? free.map(({ path }) => path) : []);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(first);
  const source = images.map(({ path }) => path).join('\n');
  useEffect(() => {
    // What was chosen while labels were sent stays, as far as it is shown.
    setChosen((before) => (isChosen ? first() : new Set(free.flatMap(({ path }) => (before.has(path) ? path : [])))));
  }, [source]);
  const relabelling = useRelabelling(name, onSet);
  const picked = free.filter(({ path }) => chosen.has(path));

  function set(label: string | undefined): void {
    const after = label === undefined ? null : [label];
    // Also images that have the label by what is shown, which may have changed since it was loaded.
    relabelling.change(
      picked.map(({ path, labels: shown, unlabelled, confirmed }) => ({
        image: path,
        before: unlabelled === true ? null : shown,
        after,
        wasConfirmed: confirmed,
      })),
    );
  }
  function toggle(path: string): void {
    const next = new Set(chosen);
    if (!next.delete(path)) next.add(path);
    setChosen(next);
  }
  const undo = () => relabelling.undo();
  useKeys((event) => {
    const label = labelOfKey(event, labels);
    if (label !== undefined && picked.length > 0) set(label);
    else if (event.key.toLowerCase() === 'z') undo();
  });

  return (
    <Panel
      title={title}
      aside={
        images.length > 0 && (
          <div class="row">
            <span class="muted number" role="status">
              {relabelling.isSending ? text.find.saving : text.find.of(count(picked.length), count(images.length))}
            </span>
            <button type="button" class="button quiet" onClick={() => setChosen(new Set(free.map(({ path }) => path)))}>
              {text.find.all}
            </button>
            <button type="button" class="button quiet" disabled={chosen.size === 0} onClick={() => setChosen(new Set())}>
              {text.find.none}
            </button>
          </div>
        )
      }
    >
      {about !== undefined && <p class="muted">{about}</p>}
      {relabelling.failure !== undefined && <Problem error={relabelling.failure} />}
      {images.length === 0 ? (
        <p class="muted">{empty}</p>
      ) : (
        <>
          <LabelBar labels={labels} isDisabled={picked.length === 0} onSet={set}>
            <button type="button" class="button" disabled={!relabelling.canUndo} onClick={undo}>
              <kbd>Z</kbd> {text.find.undo}
            </button>
          </LabelBar>
          {free.length < images.length && (
            <p class="muted small">{text.find.testLeftOut(counted(images.length - free.length, text.image))}</p>
          )}
          <ul class="thumbs choose">
            {images.slice(0, MOST_SHOWN).map((image) => (
              <li key={image.path}>
                <button
                  type="button"
                  class="pick"
                  aria-pressed={chosen.has(image.path)}
                  aria-label={text.find.choose(image.path, image.labels[0] ?? text.find.noLabel)}
                  disabled={isHeldOut(image)}
                  onClick={() => toggle(image.path)}
                >
                  <Thumbnail image={image} />
                  {chosen.has(image.path) && (
                    <span class="mark">
                      <Icon name="check" size={14} />
                    </span>
                  )}
                </button>
                <div class="below">
                  <span class={image.labels[0] === undefined ? 'label muted' : 'label'}>
                    {image.labels[0] ?? text.find.noLabel}
                  </span>
                  {image.similarity !== undefined && <span class="muted number">{percent(image.similarity, 0)}</span>}
                  <a
                    class="more"
                    aria-label={text.find.like(image.path)}
                    title={text.find.names.similar}
                    href={linkTo(['datasets', name, 'find'], { view: 'similar', image: image.path })}
                  >
                    <Icon name="like" size={14} />
                  </a>
                </div>
              </li>
            ))}
          </ul>
          {images.length > MOST_SHOWN && <p class="muted">{text.andMore(count(images.length - MOST_SHOWN))}</p>}
        </>
      )}
    </Panel>
  );
}

function LabelBar(props: {
  readonly labels: readonly string[];
  readonly isDisabled: boolean;
  readonly onSet: (label: string | undefined) => void;
  readonly children: ComponentChildren;
}) {
  const { labels, isDisabled, onSet, children } = props;
  const [typed, setTyped] = useState('');
  const label = labelOfText(typed, labels);
  const hasOthers = labels.length > MOST_KEYS;
  const name = hasOthers ? text.find.className : text.find.newClass;
  return (
    <form
      class="label-bar"
      aria-label={text.find.setLabel}
      onSubmit={(event) => {
        event.preventDefault();
        if (label === '' || isDisabled) return;
        onSet(label);
        setTyped('');
      }}
    >
      {labels.slice(0, MOST_KEYS).map((each, index) => (
        <button key={each} type="button" class="button" disabled={isDisabled} onClick={() => onSet(each)}>
          <kbd>{index + 1}</kbd>
          <span>{each}</span>
        </button>
      ))}
      <span class="new">
        <ClassInput
          labels={hasOthers ? labels : []}
          value={typed}
          onInput={setTyped}
          attributes={{ 'aria-label': name, placeholder: name }}
        />
        <button type="submit" class="button" disabled={isDisabled || label === ''}>
          {text.find.set}
        </button>
      </span>
      <button type="button" class="button" disabled={isDisabled} onClick={() => onSet(undefined)}>
        {text.find.remove}
      </button>
      {children}
    </form>
  );
}
