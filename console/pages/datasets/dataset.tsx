import { useState } from 'preact/hooks';
import { type DatasetReport, duplicatePaths } from '../../../lib/contracts/dataset.ts';
import { count, counted } from '../../../lib/format.ts';
import { hasFeatures } from '../../access.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress, client } from '../../api.ts';
import { ClassRow, MoreRows, PageHead, Panel, Stats } from '../../components/basics.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Icon } from '../../components/icon.tsx';
import { Problem } from '../../components/problem.tsx';
import { UnloadedPage } from '../../components/unloaded.tsx';
import { ago, shortDigest } from '../../format.ts';
import { useAction } from '../../hooks/use-action.ts';
import { useList } from '../../hooks/use-list.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { rowOf } from '../../look-state.ts';
import { goTo, linkTo } from '../../router.ts';
import { text } from '../../strings.ts';
import { DatasetImages } from './dataset-images.tsx';

const CLASSES_SHOWN = 30;
const ROWS_SHOWN = 50;
/** Of a group of duplicates. */
const PATHS_SHOWN = 4;
const VERSIONS_A_PAGE = 50;

/** A version of a data set: what the import found. */
export function DatasetPage({ reference, query }: { readonly reference: string; readonly query: URLSearchParams }) {
  const { value: report, error } = useLoaded(`dataset ${reference}`, (client) => client.datasets.get(reference));
  const [name = reference] = reference.split(/[@:]/);
  const crumbs = [{ label: text.pages.datasets, link: '#/datasets' }];
  if (report === undefined) return <UnloadedPage title={name} crumbs={crumbs} error={error} />;
  const exact = `${report.dataset}@${report.digest}`;
  const path = `/v1/datasets/${encodeURIComponent(exact)}`;
  const waiting = report.unlabelled ?? 0;
  const isReady = report.classes.length > 1 || waiting === 0;
  const show = actionOf(apiAddress, {
    method: 'GET',
    path,
    command: ['dataset', exact],
    call: `const report = await client.datasets.get(${quoted(exact)});`,
  });
  return (
    <>
      <PageHead title={name} about={<span class="mono small">{shortDigest(report.digest)}</span>} crumbs={crumbs}>
        <CopyAction action={show} />
        {hasFeatures.value && (
          <a class="button" href={linkTo(['datasets', name, 'find'])}>
            {text.dataset.find}
          </a>
        )}
        {waiting > 0 && (
          <a class={isReady ? 'button' : 'button primary'} href={linkTo(['datasets', name, 'label'])}>
            {text.dataset.labelImages}
          </a>
        )}
        <a class={isReady ? 'button primary' : 'button'} href={linkTo(['train'], { dataset: exact })}>
          {text.dataset.train}
        </a>
      </PageHead>
      {error !== undefined && <Problem error={error} />}
      {report.warnings.map(({ code, message }) => (
        <div key={code + message} class="problem warning">
          <Icon name="alert" />
          <p>{message}</p>
        </div>
      ))}
      <Stats
        of={[
          [text.dataset.images, count(report.accepted)],
          [text.dataset.classes, count(report.counts?.classes ?? report.classes.length)],
          ...(waiting > 0 ? ([[text.dataset.unlabelled, count(waiting)]] as const) : []),
          [text.dataset.refused, count(report.counts?.refused ?? report.refused.length)],
          [
            text.dataset.sizes,
            <>
              {report.sizes.width.median} × {report.sizes.height.median} <small>{text.dataset.median}</small>
            </>,
          ],
        ]}
      />
      {report.classes.length > 0 && <Classes report={report} />}
      <DatasetImages reference={exact} report={report} label={query.get('label') || undefined} open={rowOf(query.get('image'))} />
      <Refused report={report} />
      <Duplicates report={report} />
      <Suspects report={report} />
      <Versions name={report.dataset} digest={report.digest} />
    </>
  );
}

function Classes({ report: { classes } }: { readonly report: DatasetReport }) {
  const [isWhole, setWhole] = useState(false);
  const most = Math.max(...classes.map(({ images }) => images), 1);
  const shown = isWhole ? classes : classes.slice(0, CLASSES_SHOWN);
  return (
    <Panel title={text.dataset.classes}>
      <ul class="classes">
        {shown.map(({ label, images }) => (
          <ClassRow key={label} label={label} images={images} most={most} />
        ))}
      </ul>
      {shown.length < classes.length && (
        <button type="button" class="button" onClick={() => setWhole(true)}>
          {text.showAll(count(classes.length))}
        </button>
      )}
    </Panel>
  );
}

function Refused({ report: { refused, counts } }: { readonly report: DatasetReport }) {
  const total = counts?.refused ?? refused.length;
  if (total === 0) return null;
  return (
    <Panel title={text.dataset.refusedTitle} aside={<span class="muted number">{count(total)}</span>} isFlush>
      <ul class="list">
        {refused.slice(0, ROWS_SHOWN).map(({ path, code, message }) => (
          <li key={path} class="item">
            <span class="grow">
              <span class="name mono">{path}</span>
              <span class="muted"> {message}</span>
            </span>
            <span class="badge mono hide-narrow">{code}</span>
          </li>
        ))}
        {total > ROWS_SHOWN && <li class="item muted">{text.andMore(count(total - ROWS_SHOWN))}</li>}
      </ul>
    </Panel>
  );
}

function Duplicates({ report: { duplicates, counts } }: { readonly report: DatasetReport }) {
  const total = counts?.duplicates ?? duplicates.length;
  // The server cuts large groups, too, and tells only the number of all their images.
  const andMore = duplicatePaths(duplicates) < (counts?.duplicatePaths ?? 0) ? text.andAtLeast : text.andMore;
  if (total === 0) return null;
  return (
    <Panel title={text.dataset.duplicates} aside={<span class="muted number">{counted(total, text.group)}</span>} isFlush>
      <ul class="list">
        {duplicates.slice(0, ROWS_SHOWN).map(({ paths, kind }) => (
          <li key={paths[0]} class="item">
            <span class="grow mono small">
              {paths.slice(0, PATHS_SHOWN).join(', ')}
              {paths.length > PATHS_SHOWN && ` ${andMore(count(paths.length - PATHS_SHOWN))}`}
            </span>
            <span class={kind.endsWith('across-classes') ? 'badge warn' : 'badge'}>{text.dataset.duplicateKinds[kind]}</span>
          </li>
        ))}
        {total > ROWS_SHOWN && <li class="item muted">{text.andMore(count(total - ROWS_SHOWN))}</li>}
      </ul>
    </Panel>
  );
}

function Suspects({ report: { suspects } }: { readonly report: DatasetReport }) {
  if (suspects === undefined || suspects.found === 0) return null;
  const shown = suspects.suspects.slice(0, ROWS_SHOWN);
  return (
    <Panel title={text.dataset.suspects} aside={<span class="muted number">{count(suspects.found)}</span>} isFlush>
      <ul class="list">
        {shown.map(({ path, label, suggested }) => (
          <li key={path} class="item">
            <span class="grow mono small">{path}</span>
            <span>{text.dataset.orRather(label, suggested)}</span>
          </li>
        ))}
        {shown.length < suspects.found && <li class="item muted">{text.andMore(count(suspects.found - shown.length))}</li>}
      </ul>
    </Panel>
  );
}

function Versions({ name, digest }: { readonly name: string; readonly digest: string }) {
  const list = useList(
    `versions ${name}`,
    (client, after) => client.datasets.versions(name, { limit: VERSIONS_A_PAGE, after }),
    ({ versions }) => versions,
  );
  const { run, isBusy, failure } = useAction({ isLast: true });
  function remove(): void {
    if (!window.confirm(text.dataset.deleteSure(name))) return;
    void run(
      () => client.datasets.delete(name),
      () => goTo('#/datasets'),
    );
  }
  return (
    <Panel
      title={text.dataset.versions}
      aside={
        <button type="button" class="button quiet danger" disabled={isBusy} onClick={remove}>
          {text.dataset.delete}
        </button>
      }
      isFlush
    >
      {failure !== undefined && <Problem error={failure} />}
      <ul class="list">
        {list.items?.map((version) => (
          <li key={version.digest}>
            <a class="item" href={linkTo(['datasets', `${name}@${version.digest}`])}>
              <span class="grow mono">{shortDigest(version.digest)}</span>
              {version.digest === digest && <span class="badge good">{text.dataset.shown}</span>}
              <span class="number">{counted(version.images, text.image)}</span>
              <span class="muted hide-narrow">{ago(version.createdAt)}</span>
            </a>
          </li>
        ))}
      </ul>
      <MoreRows list={list} />
    </Panel>
  );
}
