import type { Client } from '../../../lib/client/client.ts';
import { PageHead } from '../../components/basics.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded, UnloadedPage } from '../../components/unloaded.tsx';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { type LookState, lookStateOf } from '../../look-state.ts';
import { linkTo, withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { ReportLink } from '../models/version-panel.tsx';
import { ConfusionPanel } from './confusion-panel.tsx';
import { EvaluatedImageDialog } from './evaluated-image-dialog.tsx';
import { Headlines } from './headlines.tsx';
import { ImageLists } from './image-lists.tsx';
import { NumbersView } from './numbers-view.tsx';
import { ThresholdPanel } from './threshold-panel.tsx';

const VIEWS = ['pictures', 'numbers'] as const;

/** The report of a version, whose images are the evaluated ones. Without a version in the address: of the latest one. */
export function LookPage({ name, query }: { readonly name: string; readonly query: URLSearchParams }) {
  const state = lookStateOf(query);
  const latest = useLoaded(`latest of ${name} ${state.version}`, async (client) => state.version ?? latestOf(client, name));
  if (latest.value === undefined) {
    const crumbs = [
      { label: text.pages.models, link: '#/models' },
      { label: name, link: linkTo(['models', name]) },
    ];
    return <UnloadedPage title={text.look.title(name)} crumbs={crumbs} error={latest.error} />;
  }
  return <LookAtVersion key={latest.value} name={name} version={latest.value} state={state} />;
}

async function latestOf(client: Client, name: string): Promise<number> {
  const { versions } = await client.models.versions(name, { limit: 1 });
  return versions[0]?.version ?? 1;
}

function LookAtVersion(props: { readonly name: string; readonly version: number; readonly state: LookState }) {
  const { name, version, state } = props;
  const reference = `${name}@${version}`;
  const { value: report, error } = useLoaded(`report ${reference}`, (client) => client.models.report(name, version));
  return (
    <>
      <PageHead
        title={text.look.title(reference)}
        about={report?.summary}
        crumbs={[
          { label: text.pages.models, link: '#/models' },
          { label: name, link: linkTo(['models', name], { version: `${version}` }) },
        ]}
      >
        <ReportLink name={name} version={version} label={text.look.download} />
        <a class="button primary" href={linkTo(['try', reference])}>
          {text.models.try}
        </a>
      </PageHead>
      {error !== undefined && <Problem error={error} />}
      {report === undefined && error === undefined && <Unloaded error={undefined} lines={5} />}
      {report !== undefined && (
        <>
          <Headlines report={report} />
          <nav class="tabs views" aria-label={text.look.views}>
            {VIEWS.map((view) => (
              <a key={view} href={withQuery({ view })} aria-current={state.view === view ? 'page' : undefined}>
                {text.look.names[view]}
              </a>
            ))}
          </nav>
          {state.view === 'numbers' && <NumbersView report={report} />}
          {state.view === 'pictures' && (
            <>
              <ConfusionPanel report={report} state={state} />
              <ImageLists report={report} state={state} />
              <ThresholdPanel report={report} state={state} />
            </>
          )}
          {state.image !== undefined && <EvaluatedImageDialog report={report} state={state} row={state.image} />}
        </>
      )}
    </>
  );
}
