import { hasEnded } from '../../../lib/contracts/has-ended.ts';
import { type AnyJob, isTraining } from '../../../lib/contracts/job.ts';
import { imagenetBackbone, parseReference } from '../../../lib/contracts/reference.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress, client } from '../../api.ts';
import { PageHead } from '../../components/basics.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Problem } from '../../components/problem.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { UnloadedPage } from '../../components/unloaded.tsx';
import { datasetOf, formatOf, modelOf, outcomeOf, sourceOf, titleOf } from '../../describe-job.ts';
import { ago, fullTime, shortDigest } from '../../format.ts';
import { useAction } from '../../hooks/use-action.ts';
import { useJob } from '../../hooks/use-job.ts';
import { goTo, linkTo } from '../../router.ts';
import { text } from '../../strings.ts';
import { OutputPanels } from './job-output.tsx';
import { JobProgressPanel, LogPanel } from './job-progress.tsx';
import { InterimPanel, ResultPanel } from './job-result.tsx';

/** A job as it runs, or two side by side. */
export function JobPage({ id, beside }: { readonly id: string; readonly beside: string | null }) {
  if (beside === null) return <OneJob key={id} id={id} />;
  return (
    <>
      <nav class="crumbs" aria-label={text.breadcrumbs}>
        <a href="#/jobs">{text.pages.jobs}</a>
      </nav>
      <div class="side-by-side">
        <div class="column">
          <OneJob key={id} id={id} isBeside />
        </div>
        <div class="column">
          <OneJob key={beside} id={beside} isBeside />
        </div>
      </div>
    </>
  );
}

function OneJob({ id, isBeside = false }: { readonly id: string; readonly isBeside?: boolean }) {
  const { job, events, error, update } = useJob(id);
  const crumbs = isBeside ? [] : [{ label: text.pages.jobs, link: '#/jobs' }];
  if (job === undefined) return <UnloadedPage title={id} crumbs={crumbs} error={error} />;
  const failed = job.kind === 'batch-predict' ? outcomeOf(job) : undefined;
  return (
    <>
      <PageHead
        title={titleOf(job)}
        about={
          <span class="column job-about">
            <span class="row">
              <StateBadge state={job.state} />
              {failed !== undefined && <span class="badge warn">{failed}</span>}
              <span title={fullTime(job.createdAt)}>{ago(job.createdAt)}</span>
              <span class="mono small">{job.id}</span>
            </span>
            <Subject job={job} />
          </span>
        }
        crumbs={crumbs}
      >
        <JobActions job={job} update={update} />
      </PageHead>
      {error !== undefined && <Problem error={error} />}
      {job.error !== undefined && <Problem error={job.error} />}
      {isTraining(job) && <InterimPanel job={job} update={update} />}
      {isTraining(job) && job.result !== undefined && <ResultPanel job={job} />}
      {!isTraining(job) && <OutputPanels job={job} />}
      <JobProgressPanel job={job} events={events} />
      <LogPanel events={events} />
    </>
  );
}

/** What a job works with: links to the version and the data set. */
function Subject({ job }: { readonly job: AnyJob }) {
  const [dataset, source] = [datasetOf(job), sourceOf(job)];
  const { name, version } = parseReference(dataset ?? '') ?? {};
  const model = modelOf(job);
  return (
    <span class="row small">
      {!isTraining(job) && imagenetBackbone(job.spec.name) === undefined && (
        <a class="link" href={linkTo(['models', job.spec.name], { version: `${job.spec.version}` })}>
          {model}
        </a>
      )}
      {!isTraining(job) && imagenetBackbone(job.spec.name) !== undefined && <span>{model}</span>}
      {job.kind === 'export' && <span class="badge">{formatOf(job.spec)}</span>}
      {dataset !== undefined && (
        <a class="link" href={linkTo(['datasets', dataset])}>
          {version === undefined ? dataset : `${name}@${shortDigest(version)}`}
        </a>
      )}
      {source !== undefined && <span class="mono">{source}</span>}
    </span>
  );
}

function JobActions({ job, update }: { readonly job: AnyJob; readonly update: (job: AnyJob) => void }) {
  const { run, isBusy, failure } = useAction();
  const { id, state } = job;
  const path = `/v1/jobs/${id}`;
  const follow = actionOf(apiAddress, {
    method: 'GET',
    path,
    command: ['job', id, '--follow'],
    call: `for await (const event of client.jobs.follow(${quoted(id)})) console.log(event);`,
  });
  return (
    <>
      {failure !== undefined && <Problem error={failure} />}
      <CopyAction action={follow} />
      {!hasEnded({ state }) && (
        <button type="button" class="button danger" disabled={isBusy} onClick={() => run(() => client.jobs.cancel(id), update)}>
          {text.job.cancel}
        </button>
      )}
      {(state === 'FAILED' || state === 'CANCELLED') && (
        <button
          type="button"
          class="button primary"
          disabled={isBusy}
          onClick={() =>
            run(
              () => client.jobs.retry(id),
              (again) => goTo(linkTo(['jobs', again.id])),
            )
          }
        >
          {text.job.retry}
        </button>
      )}
    </>
  );
}
