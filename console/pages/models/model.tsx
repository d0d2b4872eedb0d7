import { MOST_DAYS } from '../../../lib/contracts/keeping.ts';
import type { ModelRecord } from '../../../lib/contracts/model-record.ts';
import { MoreRows, PageHead, Panel } from '../../components/basics.tsx';
import { Problem } from '../../components/problem.tsx';
import { UnloadedPage } from '../../components/unloaded.tsx';
import { ago, fullTime } from '../../format.ts';
import { useChosenTwo } from '../../hooks/use-chosen-two.ts';
import { useList } from '../../hooks/use-list.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { wholeNumber } from '../../page-address.ts';
import { goTo, linkTo, withQuery } from '../../router.ts';
import { shortScore } from '../../score.ts';
import { text } from '../../strings.ts';
import { AliasesPanel } from './aliases.tsx';
import { DriftPanel } from './drift-panel.tsx';
import { ModelJobsPanel } from './model-jobs.tsx';
import { RetentionPanel } from './retention-panel.tsx';
import { LookLink, VersionPanel } from './version-panel.tsx';

/** Days of kept predictions that count. */
const DRIFT_DAYS = 7;
const VERSIONS_A_PAGE = 50;

/** A model: its aliases and versions, one of them in detail, its jobs, and which versions stay. The address has the version. */
export function ModelPage({ name, query }: { readonly name: string; readonly query: URLSearchParams }) {
  const { value: model, error, reload } = useLoaded(`model ${name}`, (client) => client.models.get(name));
  const crumbs = [{ label: text.pages.models, link: '#/models' }];
  if (model === undefined) return <UnloadedPage title={name} crumbs={crumbs} error={error} />;
  const newest = model.versions.at(-1)?.version;
  const version = wholeNumber(query.get('version')) ?? newest;
  return (
    <>
      <PageHead title={name} crumbs={crumbs}>
        <a class="button primary" href={linkTo(['try', name])}>
          {text.models.try}
        </a>
      </PageHead>
      {error !== undefined && <Problem error={error} />}
      <AliasesPanel model={model} onChange={reload} />
      <Versions key={newest} model={model} shown={version} />
      {version !== undefined && <VersionPanel key={version} name={name} version={version} />}
      <ModelJobsPanel name={name} />
      {version !== undefined && <DriftPanel key={`drift ${version}`} name={name} version={version} days={daysOf(query)} />}
      <RetentionPanel name={name} />
    </>
  );
}

function daysOf(query: URLSearchParams): number {
  return Math.min(wholeNumber(query.get('days')) ?? DRIFT_DAYS, MOST_DAYS);
}

function Versions(props: { readonly model: ModelRecord; readonly shown: number | undefined }) {
  const { model, shown } = props;
  const list = useList(
    `versions of ${model.name}`,
    (client, after) => client.models.versions(model.name, { limit: VERSIONS_A_PAGE, after }),
    ({ versions }) => versions,
  );
  // The record of the model has the newest versions, so the list is there before its first page is.
  const versions = list.items ?? model.versions.toReversed().slice(0, VERSIONS_A_PAGE);
  const { chosen, toggle } = useChosenTwo<number>();
  const [a, b] = chosen.toSorted((one, other) => one - other);
  const aliasesOf = (version: number) => Object.entries(model.aliases).flatMap(([alias, to]) => (to === version ? [alias] : []));

  return (
    <Panel
      title={text.models.versions}
      aside={
        <button
          type="button"
          class="button"
          disabled={a === undefined || b === undefined}
          onClick={() => goTo(linkTo(['models', model.name, 'compare'], { before: `${a}`, after: `${b}` }))}
        >
          {text.models.compare}
        </button>
      }
      isFlush
    >
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th>
                <span class="visually-hidden">{text.models.choose}</span>
              </th>
              <th>{text.models.version}</th>
              <th class="right">{text.models.score}</th>
              <th class="hide-narrow">{text.train.backbone}</th>
              <th class="hide-narrow">{text.models.made}</th>
              <th>{text.models.report}</th>
            </tr>
          </thead>
          <tbody>
            {versions.map((version) => (
              <tr key={version.version}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={text.models.chooseVersion(version.version)}
                    checked={chosen.includes(version.version)}
                    onChange={() => toggle(version.version)}
                  />
                </td>
                <td>
                  <span class="row">
                    <a
                      class={version.version === shown ? 'link strong' : 'link'}
                      href={withQuery({ version: version.version })}
                      aria-label={text.models.showVersion(version.version)}
                      aria-current={version.version === shown ? 'true' : undefined}
                    >
                      {version.version}
                    </a>
                    {aliasesOf(version.version).map((alias) => (
                      <span key={alias} class={alias === 'latest' ? 'badge' : 'badge good'}>
                        {alias}
                      </span>
                    ))}
                  </span>
                </td>
                <td class="right number">{shortScore(version)}</td>
                <td class="hide-narrow mono small">{version.backbone}</td>
                <td class="hide-narrow muted" title={fullTime(version.createdAt)}>
                  {ago(version.createdAt)}
                </td>
                <td>
                  <LookLink name={model.name} version={version.version} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <MoreRows list={list} />
    </Panel>
  );
}
