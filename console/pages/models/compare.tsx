import type { ComparedMetric, ModelDiff } from '../../../lib/contracts/model-diff.ts';
import { count, percent, pValue } from '../../../lib/format.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress } from '../../api.ts';
import { PageHead, Panel, Skeleton, Stats } from '../../components/basics.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Problem } from '../../components/problem.tsx';
import { points } from '../../format.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { linkTo } from '../../router.ts';
import { text } from '../../strings.ts';
import { ChangedPredictions, type CompareState, compareStateOf } from './changed-predictions.tsx';

const PLAIN = new Set(['negativeLogLikelihood', 'expectedCalibrationError']);

/** Two versions of a model on the images that both were evaluated on. */
export function ComparePage({ name, query }: { readonly name: string; readonly query: URLSearchParams }) {
  const [before, after] = [`${name}@${query.get('before') ?? 1}`, `${name}@${query.get('after') ?? 2}`];
  const { value: diff, error } = useLoaded(`diff ${before} ${after}`, (client) => client.models.diff(before, after));
  const crumbs = [
    { label: text.pages.models, link: '#/models' },
    { label: name, link: linkTo(['models', name]) },
  ];
  const action = actionOf(apiAddress, {
    method: 'GET',
    path: `/v1/model-diff?${new URLSearchParams({ before, after })}`,
    command: ['model-diff', before, after],
    call: `const diff = await client.models.diff(${quoted(before)}, ${quoted(after)});`,
  });
  return (
    <>
      <PageHead title={text.compare.title(before, after)} crumbs={crumbs}>
        <CopyAction action={action} />
      </PageHead>
      {error !== undefined && <Problem error={error} />}
      {diff === undefined && error === undefined && <Skeleton lines={5} />}
      {diff !== undefined && <Comparison diff={diff} state={compareStateOf(query)} />}
    </>
  );
}

function Comparison({ diff, state }: { readonly diff: ModelDiff; readonly state: CompareState }) {
  const { task, mcnemar, images, metrics } = diff;
  return (
    <>
      <Stats
        of={[
          [text.compare.images, count(images)],
          [text.compare.bothRight, count(mcnemar.bothRight)],
          [text.compare.onlyBefore, count(mcnemar.onlyBefore)],
          [text.compare.onlyAfter, count(mcnemar.onlyAfter)],
          [text.compare.chance, pValue(mcnemar.midP)],
        ]}
      />
      <Panel title={text.compare.metrics} isFlush>
        <div class="table-scroll">
          <table>
            <thead>
              <tr>
                <th>{text.compare.metric}</th>
                <th class="right">{text.compare.before}</th>
                <th class="right">{text.compare.after}</th>
                <th class="right">{text.compare.difference}</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(metrics).map(([metric, compared]) => (
                <MetricRow
                  key={metric}
                  name={metric}
                  title={metric === 'accuracy' ? text.look.accuracy[task] : (text.metrics[metric] ?? metric)}
                  compared={compared}
                />
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
      <ChangedPredictions diff={diff} state={state} />
    </>
  );
}

function MetricRow(props: { readonly name: string; readonly title: string; readonly compared: ComparedMetric }) {
  const { name, title, compared } = props;
  const { before, after, difference } = compared;
  const isPlain = PLAIN.has(name);
  const shown = (value: number) => (isPlain ? value.toFixed(3) : percent(value));
  const changed = (value: number) => (isPlain ? value.toFixed(3) : points(value));
  const end = (value: number) => (isPlain ? value.toFixed(3) : (value * 100).toFixed(1));
  const isBetter = isPlain ? difference.value < 0 : difference.value > 0;
  const look = difference.value === 0 ? '' : isBetter ? 'up' : 'down';
  return (
    <tr>
      <td>{title}</td>
      <td class="right number">{shown(before.value)}</td>
      <td class="right number">{shown(after.value)}</td>
      <td class={`right number ${look}`}>
        {`${difference.value > 0 ? '+' : ''}${changed(difference.value)}`}
        {difference.low !== undefined && difference.high !== undefined && (
          <span class="muted small">{` (${end(difference.low)} – ${end(difference.high)})`}</span>
        )}
      </td>
    </tr>
  );
}
