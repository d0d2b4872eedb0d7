import type { ModelReport } from '../../../lib/contracts/model-report.ts';
import { count, counted } from '../../../lib/format.ts';
import { Panel } from '../../components/basics.tsx';
import { filterOf, type LookState } from '../../look-state.ts';
import { withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { EvaluatedGrid } from './evaluated-grid.tsx';

type Confusion = NonNullable<ModelReport['confusion']>;
type Chosen = Pick<LookState, 'label' | 'predicted'>;

/** The confusion matrix, and the pictures of its chosen cell, row or column. */
export function ConfusionPanel({ report, state }: { readonly report: ModelReport; readonly state: LookState }) {
  const { confusion, classCount, model, version } = report;
  const filter = filterOf('cell', state, report);
  const isChosen = filter !== undefined;
  if (confusion === undefined && !isChosen) return null;
  return (
    <Panel
      title={text.look.confusion}
      aside={
        isChosen && (
          <a class="link small" href={withQuery({ label: undefined, predicted: undefined })}>
            {text.look.forget}
          </a>
        )
      }
    >
      {confusion !== undefined && (
        <p class="muted small">
          {text.look.confusionAbout}
          {confusion.labels.length < classCount && ` ${text.look.confusionCut(confusion.labels.length, count(classCount))}`}
        </p>
      )}
      <div class="matrix-page">
        {confusion !== undefined && <Matrix confusion={confusion} chosen={state} />}
        {isChosen && (
          <div class="column cell-pictures">
            <h3>{titleOf(state)}</h3>
            <EvaluatedGrid
              reference={`${model}@${version}`}
              task={report.task}
              filter={filter}
              list="cell"
              label={titleOf(state)}
              none={text.look.noneOfCell}
            />
          </div>
        )}
      </div>
    </Panel>
  );
}

function titleOf({ label, predicted }: Chosen): string {
  if (label === undefined) return text.look.ofPrediction(predicted ?? '');
  return predicted === undefined ? text.look.ofLabel(label) : text.look.ofCell(label, predicted);
}

function Matrix({ confusion: { labels, counts }, chosen }: { readonly confusion: Confusion; readonly chosen: Chosen }) {
  const most = Math.max(1, ...counts.map((row) => row.reduce((a, b) => Math.max(a, b), 0)));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard
    <div class="table-scroll" tabIndex={0}>
      <table class="matrix">
        <thead>
          <tr>
            <th scope="col">{text.look.truth}</th>
            {labels.map((predicted, index) => (
              <th key={index} scope="col" title={predicted}>
                <a
                  class={chosen.predicted === predicted && chosen.label === undefined ? 'name chosen' : 'name'}
                  href={withQuery({ label: undefined, predicted })}
                >
                  {predicted}
                </a>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {counts.map((row, truth) => (
            <tr key={truth}>
              <th scope="row" title={labels[truth]}>
                <a
                  class={chosen.label === labels[truth] && chosen.predicted === undefined ? 'name chosen' : 'name'}
                  href={withQuery({ label: labels[truth], predicted: undefined })}
                >
                  {labels[truth]}
                </a>
              </th>
              {row.map((images, of) => (
                <td key={of}>
                  <Cell images={images} most={most} label={labels[truth] ?? ''} predicted={labels[of] ?? ''} chosen={chosen} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell(props: {
  readonly images: number;
  readonly most: number;
  readonly label: string;
  readonly predicted: string;
  readonly chosen: Chosen;
}) {
  const { images, most, label, predicted, chosen } = props;
  const look = label === predicted ? 'right' : 'wrong';
  if (images === 0) return <span class="cell empty-cell">·</span>;
  const isChosen = chosen.label === label && chosen.predicted === predicted;
  return (
    <a
      class={`cell ${look} ${isChosen ? 'chosen' : ''}`}
      // Pale even where there are many, so that the number on it stays readable.
      style={{ '--share': `${Math.round(8 + (images / most) * 42)}%` }}
      href={withQuery({ label, predicted })}
      aria-label={text.look.cell(counted(images, text.image), label, predicted)}
      aria-current={isChosen ? 'true' : undefined}
    >
      {images}
    </a>
  );
}
