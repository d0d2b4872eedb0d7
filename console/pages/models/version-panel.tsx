import type { ModelVersionDetails } from '../../../lib/contracts/model-http.ts';
import { referencedName } from '../../../lib/contracts/reference.ts';
import { count, counted, percent } from '../../../lib/format.ts';
import { apiAddress, client, hasToken } from '../../api.ts';
import { Panel, Stats } from '../../components/basics.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { shortDigest } from '../../format.ts';
import { useAction } from '../../hooks/use-action.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { linkTo } from '../../router.ts';
import { saveFile } from '../../save-file.ts';
import { scoreOf } from '../../score.ts';
import { text } from '../../strings.ts';
import { EvaluatePanel } from './evaluate-panel.tsx';
import { ExportPanel } from './export-panel.tsx';

const CLASSES_SHOWN = 30;

/** A version in detail, and what it can be evaluated on and exported as. */
export function VersionPanel({ name, version }: { readonly name: string; readonly version: number }) {
  const { value, error } = useLoaded(`version ${name} ${version}`, (client) => client.models.version(name, version));
  if (value === undefined) return <Unloaded error={error} lines={4} />;
  const reference = `${name}@${version}`;
  return (
    <>
      <Details details={value} />
      <div class="side-by-side">
        <EvaluatePanel reference={reference} trainedOn={referencedName(value.dataset)} />
        <ExportPanel reference={reference} card={value.card} />
      </div>
    </>
  );
}

/** Its metrics for each class, its strategy and its origin. */
function Details({ details: { model: name, version, card, dataset } }: { readonly details: ModelVersionDetails }) {
  const metrics = card.metrics.test ?? card.metrics.validation;
  const score = scoreOf(metrics);
  const { perClass, classCount = perClass.length } = metrics;
  const shown = perClass.slice(0, CLASSES_SHOWN);
  return (
    <Panel title={text.models.detail(`${name}@${version}`)} aside={<LookLink name={name} version={version} />}>
      <Stats
        of={[
          ...(score === undefined ? [] : [score]),
          ...(metrics.macroF1 === undefined ? [] : [[text.job.macroF1, percent(metrics.macroF1)] as const]),
          [text.models.labels, count(card.labelCount ?? card.labels.length)],
          [text.models.input, `${card.input.width} × ${card.input.height}`],
        ]}
      />
      <ul class="classes">
        {shown.map(({ label, f1, support }) => (
          <li key={label} title={text.models.classF1(percent(f1), counted(support, text.image))}>
            <span class="label">{label}</span>
            <span class="bar">
              <span style={{ width: `${f1 * 100}%` }} />
            </span>
            <span class="number muted">{percent(f1, 0)}</span>
          </li>
        ))}
      </ul>
      {shown.length < classCount && <p class="muted small">{text.andMore(count(classCount - shown.length))}</p>}
      <p class="muted small">{text.models.f1About}</p>
      <p>
        <span class="badge mono">{card.strategy.name}</span> <span class="muted">{card.strategy.reason}</span>
      </p>
      <p class="row muted small">
        <a class="link" href={linkTo(['datasets', `${dataset.replace(/@.*/, '')}@${card.datasetDigest}`])}>
          {dataset.replace(/@.*/, '')}@{shortDigest(card.datasetDigest)}
        </a>
        <a class="link" href={linkTo(['jobs', card.job])}>
          {text.models.job}
        </a>
        <span>{card.backbone.name}</span>
        <span>{card.backbone.licence}</span>
      </p>
    </Panel>
  );
}

/** Opens the page of a version's report. */
export function LookLink({ name, version }: { readonly name: string; readonly version: number }) {
  return (
    <a class="link" href={linkTo(['models', name, 'look'], { version: `${version}` })}>
      {text.look.open}
    </a>
  );
}

/** Opens the report's file. With a token, which an address cannot carry, the page downloads it instead. */
export function ReportLink(props: { readonly name: string; readonly version: number; readonly label?: string }) {
  const { name, version, label = text.models.report } = props;
  const { run, failure } = useAction();
  if (!hasToken()) {
    return (
      <a
        class="link"
        target="_blank"
        rel="noopener"
        href={`${apiAddress}/v1/models/${encodeURIComponent(name)}/versions/${version}/report?format=html`}
      >
        {label}
      </a>
    );
  }
  async function download(): Promise<void> {
    saveFile(`${name}-${version}.html`, new Blob([await client.models.reportPage(name, version)], { type: 'text/html' }));
  }
  return (
    <>
      <button type="button" class="link" onClick={() => run(download)}>
        {label}
      </button>
      {failure !== undefined && <Problem error={failure} />}
    </>
  );
}
