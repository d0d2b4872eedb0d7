import { useState } from 'preact/hooks';
import type { ModelRecord } from '../../lib/contracts/model.ts';
import type { ModelVersion } from '../../lib/contracts/model-version.ts';
import { client } from '../api.ts';
import { PageHead, Panel } from '../components/basics.tsx';
import { Problem } from '../components/problem.tsx';
import { Unloaded } from '../components/unloaded.tsx';
import { ago, fullTime, percent } from '../format.ts';
import { goTo, linkTo } from '../router.ts';
import { text } from '../strings.ts';
import { useLoaded } from '../use-loaded.ts';
import { AliasesPanel } from './aliases.tsx';
import { RetentionPanel } from './retention-panel.tsx';
import { LookLink, VersionPanel } from './version-panel.tsx';

/** A model: its aliases, its versions, the newest version in detail, and which versions stay. */
export function ModelPage({ name }: { readonly name: string }) {
  const { value: model, error, reload } = useLoaded(`model ${name}`, () => client.models.get(name));
  const [shown, setShown] = useState<number>();
  if (model === undefined) return <Unloaded error={error} lines={5} />;
  const newest = model.versions.at(-1)?.version;
  const version = shown ?? newest;
  return (
    <>
      <PageHead title={name} crumbs={[{ label: text.pages.models, link: '#/models' }]}>
        <a class="button primary" href={linkTo(['try', name])}>
          {text.models.try}
        </a>
      </PageHead>
      {error !== undefined && <Problem error={error} />}
      <AliasesPanel model={model} onChange={reload} />
      <Versions model={model} shown={version} onShow={setShown} />
      {version !== undefined && <VersionPanel key={version} name={name} version={version} />}
      <RetentionPanel name={name} />
    </>
  );
}

function Versions(props: {
  readonly model: ModelRecord;
  readonly shown: number | undefined;
  readonly onShow: (version: number) => void;
}) {
  const { model, shown, onShow } = props;
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [a, b] = chosen.toSorted((one, other) => one - other);
  const aliasesOf = (version: number) => Object.entries(model.aliases).flatMap(([alias, to]) => (to === version ? [alias] : []));

  function toggle(version: number): void {
    setChosen(chosen.includes(version) ? chosen.filter((each) => each !== version) : [...chosen.slice(-1), version]);
  }

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
              <th class="right">{text.models.quality}</th>
              <th class="hide-narrow">{text.train.backbone}</th>
              <th class="hide-narrow">{text.models.made}</th>
              <th>{text.models.report}</th>
            </tr>
          </thead>
          <tbody>
            {model.versions.toReversed().map((version) => (
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
                    <button
                      type="button"
                      class={version.version === shown ? 'link strong' : 'link'}
                      onClick={() => onShow(version.version)}
                    >
                      {version.version}
                    </button>
                    {aliasesOf(version.version).map((alias) => (
                      <span key={alias} class={alias === 'latest' ? 'badge' : 'badge good'}>
                        {alias}
                      </span>
                    ))}
                  </span>
                </td>
                <td class="right number">{quality(version)}</td>
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
    </Panel>
  );
}

function quality({ accuracy, meanAveragePrecision }: ModelVersion): string {
  const value = accuracy ?? meanAveragePrecision;
  return value === undefined ? '' : percent(value);
}
