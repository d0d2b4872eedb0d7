import type { ModelReport } from '../../../lib/contracts/model-report.ts';
import { parseReference } from '../../../lib/contracts/reference.ts';
import { count, percent } from '../../../lib/format.ts';
import { hasFeatures } from '../../access.ts';
import { Panel, Stats } from '../../components/basics.tsx';
import { Chart } from '../../components/chart.tsx';
import { linkTo } from '../../router.ts';
import { text } from '../../strings.ts';

const ROWS_SHOWN = 30;
const SPLITS = ['train', 'validation', 'test'] as const;

/** The images by class and split, and what relates them. */
export function DataPanel({ report: { data, dataset, datasetDigest, classCount } }: { readonly report: ModelReport }) {
  if (data === undefined) return null;
  const { splits, classes, leakingGroups, duplicateGroups } = data;
  const shown = classes.slice(0, ROWS_SHOWN);
  const name = parseReference(dataset)?.name ?? dataset;
  return (
    <Panel
      title={text.look.data}
      aside={
        <a class="link small" href={linkTo(['datasets', `${name}@${datasetDigest}`])}>
          {name}
        </a>
      }
    >
      <Stats
        of={[
          ...SPLITS.map((split) => [text.look.splits[split], count(splits[split])] as const),
          [text.look.leaking, count(leakingGroups)],
          ...(duplicateGroups === undefined ? [] : [[text.look.duplicates, count(duplicateGroups)] as const]),
        ]}
      />
      <div class="table-scroll">
        <table class="narrow-cells">
          <thead>
            <tr>
              <th>{text.look.truth}</th>
              {SPLITS.map((split) => (
                <th key={split} class="right">
                  {text.look.splits[split]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.label}>
                <td class="wrap">{one.label}</td>
                {SPLITS.map((split) => (
                  <td key={split} class="right number">
                    {count(one[split])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < classCount && <p class="muted small">{text.andMore(count(classCount - shown.length))}</p>}
    </Panel>
  );
}

/** The score of heads on fewer training images. */
export function SizesPanel({ report: { sizes } }: { readonly report: ModelReport }) {
  if (sizes === undefined) return null;
  const points = sizes.points.map(({ images, score }) => [images, score] as const);
  const numbers = points.map(([images]) => images);
  return (
    <Panel title={text.look.sizes}>
      <p>{sizes.conclusion}</p>
      <Chart
        title={sizes.metric}
        lines={[{ name: text.look.trainingImages, kind: 'a', points }]}
        format={(value) => percent(value, 0)}
        x={{ from: Math.min(...numbers), to: Math.max(...numbers), format: count }}
      />
    </Panel>
  );
}

/** Images of the data set whose neighbours have another label. */
export function SuspectsPanel({ report: { suspects, dataset } }: { readonly report: ModelReport }) {
  if (suspects === undefined || suspects.found === 0) return null;
  const name = parseReference(dataset)?.name ?? dataset;
  const shown = suspects.suspects.slice(0, ROWS_SHOWN);
  return (
    <Panel title={text.look.suspects} isFlush>
      <p class="item-text muted small">{text.look.suspectsAbout(count(suspects.found), count(suspects.checked))}</p>
      <ul class="list">
        {shown.map(({ path, label, suggested }) => {
          const parts = (
            <>
              <span class="grow mono small">{path}</span>
              <span>{text.dataset.orRather(label, suggested)}</span>
            </>
          );
          return (
            <li key={path}>
              {hasFeatures.value ? (
                <a class="item" href={linkTo(['datasets', name, 'find'], { view: 'similar', image: path })}>
                  {parts}
                </a>
              ) : (
                <span class="item">{parts}</span>
              )}
            </li>
          );
        })}
        {shown.length < suspects.found && <li class="item muted">{text.andMore(count(suspects.found - shown.length))}</li>}
      </ul>
    </Panel>
  );
}
