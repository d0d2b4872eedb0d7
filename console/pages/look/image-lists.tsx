import type { EvaluatedImage } from '../../../lib/contracts/evaluated-images.ts';
import type { ModelReport } from '../../../lib/contracts/model-report.ts';
import type { ModelTask } from '../../../lib/contracts/model-task.ts';
import { percent } from '../../../lib/format.ts';
import { Panel } from '../../components/basics.tsx';
import { Thumbnail } from '../../components/thumbnail.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useHeat } from '../../hooks/use-heat.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { filterOf, type LookState } from '../../look-state.ts';
import { predictionOf } from '../../predicted-labels.ts';
import { withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { truthOf } from './evaluated-grid.tsx';

/** Images of a list. */
const SHOWN = 12;
const LISTS = ['worst', 'unsure'] as const;

/** The worst errors and the least certain predictions, each with where the model found evidence. */
export function ImageLists({ report, state }: { readonly report: ModelReport; readonly state: LookState }) {
  const { model, version, evidenceOmitted } = report;
  const { list } = state;
  const reference = `${model}@${version}`;
  const { value, error } = useLoaded(`${list} of ${reference}`, (client) =>
    client.models.evaluatedImages(reference, { ...filterOf('examples', state, report), limit: SHOWN }),
  );
  return (
    <Panel
      title={text.look.lists}
      aside={
        <nav class="tabs" aria-label={text.look.lists}>
          {LISTS.map((each) => (
            <a key={each} href={withQuery({ list: each })} aria-current={list === each ? 'page' : undefined}>
              {text.look[each]}
            </a>
          ))}
        </nav>
      }
    >
      <p class="muted small">
        {list === 'worst' ? text.look.worstAbout : text.look.unsureAbout} {evidenceOmitted ?? text.look.evidenceAbout}
      </p>
      {value === undefined && <Unloaded error={error} lines={3} />}
      {value?.count === 0 && <p class="up">{text.look.noErrors}</p>}
      <ul class="evidence-list">
        {value?.images.map((image, index) => (
          <li key={image.row}>
            {/* A model that is slow to explain does it for a picture that is opened. */}
            <Card reference={reference} task={report.task} image={image} index={index} hasHeat={evidenceOmitted === undefined} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Card(props: {
  readonly reference: string;
  readonly task: ModelTask;
  readonly image: EvaluatedImage;
  /** In the list, from 0. */
  readonly index: number;
  readonly hasHeat: boolean;
}) {
  const { reference, task, image, index, hasHeat } = props;
  const { source } = useHeat(reference, hasHeat ? image : undefined);
  return (
    <a class="evidence" href={withQuery({ image: image.row, from: 'examples', at: index })}>
      <span class="pictures">
        <Thumbnail image={image} />
        {hasHeat && source === undefined && <span class="thumb" />}
        {source !== undefined && <img class="thumb" src={source} alt={text.look.evidenceOf(image.path)} />}
      </span>
      <span class="row">
        <span class="label">{truthOf(image)}</span>
        <span aria-hidden="true" class="muted">
          →
        </span>
        <span class={image.isRight ? 'label up' : 'label down'}>{predictionOf(image, task)}</span>
        <span class="number muted">{percent(image.predicted[0]?.probability ?? image.confidence)}</span>
      </span>
      <span class="mono small muted path">{image.path}</span>
    </a>
  );
}
