import type { Client } from '../../../lib/client/client.ts';
import type { ChangedPrediction, ModelDiff } from '../../../lib/contracts/model-diff.ts';
import { count } from '../../../lib/format.ts';
import { Panel } from '../../components/basics.tsx';
import { ImageGrid } from '../../components/image-grid.tsx';
import { Problem } from '../../components/problem.tsx';
import { Thumbnail } from '../../components/thumbnail.tsx';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { rowOf } from '../../look-state.ts';
import { joinLabels } from '../../predicted-labels.ts';
import { withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { type Beside, ImageDialog } from '../look/image-dialog.tsx';

const KINDS = ['all', 'lost', 'won', 'other'] as const;
type Kind = (typeof KINDS)[number];
/** Pixels of the lines below each picture. */
const CAPTION = 58;
/** Changes that are named where there are no pictures. */
const MOST_NAMED = 100;

/** What the page of two versions shows, as its address says it. */
export interface CompareState {
  readonly kind: Kind;
  /** The row of the open picture. */
  readonly image: number | undefined;
}

export function compareStateOf(query: URLSearchParams): CompareState {
  return {
    kind: KINDS.find((each) => each === query.get('kind')) ?? 'all',
    image: rowOf(query.get('image')),
  };
}

/** The images for which two versions predict different labels, as pictures. */
export function ChangedPredictions({ diff, state }: { readonly diff: ModelDiff; readonly state: CompareState }) {
  const { changes, changeCount, before, after } = diff;
  const [earlier, later] = [before, after].map(({ model, version }) => `${model}@${version}`);
  const shown = changes.filter((change) => state.kind === 'all' || kindOf(change) === state.kind);
  return (
    <Panel title={text.compare.changes} aside={changeCount > 0 && <Kinds changes={changes} chosen={state.kind} />}>
      {changeCount === 0 && <p class="muted">{text.compare.same}</p>}
      {changes.length < changeCount && <p class="muted small">{text.compare.cut(count(changes.length), count(changeCount))}</p>}
      {shown.length > 0 && <Pictures key={state.kind} changes={shown} dataset={after.dataset} kind={state.kind} />}
      {state.image !== undefined && later !== undefined && (
        <ImageDialog
          reference={later}
          row={state.image}
          {...(earlier !== undefined && { before: earlier })}
          beside={besideOf(shown, state.image)}
        />
      )}
    </Panel>
  );
}

/** The way to the changed predictions beside one in their list. */
function besideOf(shown: readonly ChangedPrediction[], image: number): Beside | undefined {
  const at = shown.findIndex(({ row }) => row === image);
  const addressOf = (change: ChangedPrediction | undefined) => change && withQuery({ image: change.row });
  if (at < 0) return undefined;
  return { previous: addressOf(shown[at - 1]), next: addressOf(shown[at + 1]), position: at + 1, count: shown.length };
}

function Kinds({ changes, chosen }: { readonly changes: readonly ChangedPrediction[]; readonly chosen: Kind }) {
  return (
    <nav class="tabs views" aria-label={text.compare.changes}>
      {KINDS.map((kind) => {
        const images = kind === 'all' ? changes.length : changes.filter((change) => kindOf(change) === kind).length;
        if (images === 0 && kind !== 'all') return null;
        return (
          <a key={kind} href={withQuery({ kind })} aria-current={chosen === kind ? 'page' : undefined}>
            {text.compare.changesOf(text.compare.kinds[kind], count(images))}
          </a>
        );
      })}
    </nav>
  );
}

function kindOf({ before, after }: ChangedPrediction): Exclude<Kind, 'all'> {
  if (before.isRight) return 'lost';
  return after.isRight ? 'won' : 'other';
}

function Pictures(props: { readonly changes: readonly ChangedPrediction[]; readonly dataset: string; readonly kind: Kind }) {
  const { changes, dataset, kind } = props;
  // Whether the data set still exists: without it the list below has names instead of pictures.
  const { error } = useLoaded(`exists ${dataset}`, (client) => client.datasets.images(dataset, { limit: 1 }));
  const load = async (client: Client, start: number, end: number) => {
    const wanted = changes.slice(start, end);
    const rows = wanted.map(({ row }) => row);
    // Rows count the labelled images only: a training leaves out the others.
    const { images } = await client.datasets.images(dataset, { unlabelled: false, rows, limit: rows.length });
    const byPath = new Map(images.map((image) => [image.path, image]));
    return wanted.flatMap(({ path }) => byPath.get(path) ?? []);
  };
  if (error !== undefined) {
    return (
      <>
        <Problem error={error} />
        <ul class="list">
          {changes.slice(0, MOST_NAMED).map((change) => (
            <li key={change.path} class="item">
              <span class="grow mono small">{change.path}</span>
              <Change of={change} />
            </li>
          ))}
          {changes.length > MOST_NAMED && <li class="item muted">{text.andMore(count(changes.length - MOST_NAMED))}</li>}
        </ul>
      </>
    );
  }
  return (
    <ImageGrid
      label={text.compare.kinds[kind]}
      source={`${dataset} ${kind}`}
      count={changes.length}
      load={load}
      least={132}
      caption={CAPTION}
    >
      {(image, index) => {
        const change = changes[index];
        if (change === undefined) return null;
        const { path, labels, row } = change;
        return (
          <a class="like evaluated" href={withQuery({ image: row })}>
            <Thumbnail key={path} image={image} />
            <span class="changed">
              <Change of={change} />
            </span>
            <span class="caption muted">{labels.join(', ')}</span>
          </a>
        );
      }}
    </ImageGrid>
  );
}

function Change({ of: { before, after } }: { readonly of: ChangedPrediction }) {
  return (
    <>
      <Prediction of={before} />
      <span aria-hidden="true">→</span>
      <Prediction of={after} />
    </>
  );
}

function Prediction({ of: { labels, isRight } }: { readonly of: ChangedPrediction['before'] }) {
  const predicted = joinLabels(labels);
  return (
    <span class={isRight ? 'badge good' : 'badge bad'} title={predicted}>
      {predicted}
    </span>
  );
}
