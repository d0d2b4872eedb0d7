import { hasEnded } from '../../../lib/contracts/has-ended.ts';
import { isTraining } from '../../../lib/contracts/job.ts';
import { MoreRows, Panel } from '../../components/basics.tsx';
import { FileButton } from '../../components/file-button.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { modelOf, outcomeOf, workOf } from '../../describe-job.ts';
import { ago, fullTime } from '../../format.ts';
import { useList } from '../../hooks/use-list.ts';
import { linkTo } from '../../router.ts';
import { text } from '../../strings.ts';

const JOBS_A_PAGE = 100;
const POLL_MS = 2_000;

/** The evaluations, batch predictions and exports of a model, with the archives of the exports. */
export function ModelJobsPanel({ name }: { readonly name: string }) {
  const list = useList(
    `jobs of ${name}`,
    (client, after) => client.jobs.list({ model: name, limit: JOBS_A_PAGE, after }),
    ({ jobs }) => jobs.filter((job) => !isTraining(job)),
    { idOf: ({ id }) => id, mayChange: (job) => !hasEnded(job), everyMs: POLL_MS },
  );
  const { items, error } = list;
  if (items === undefined) return <Unloaded error={error} lines={1} />;
  return (
    <Panel title={text.models.jobs} isFlush>
      <ul class="list">
        {items.map((job) => {
          const outcome = outcomeOf(job);
          return (
            <li key={job.id} class="item file job-line">
              <span class="grow">
                <a class="link" href={linkTo(['jobs', job.id])}>
                  {workOf(job)}
                </a>{' '}
                <span class="muted small">{modelOf(job)}</span>
              </span>
              {outcome !== undefined && <span class="number">{outcome}</span>}
              <StateBadge state={job.state} />
              <span class="muted hide-narrow" title={fullTime(job.createdAt)}>
                {ago(job.createdAt)}
              </span>
              {job.kind === 'export' && job.result !== undefined && <FileButton job={job.id} name={job.result.archive} />}
            </li>
          );
        })}
        {items.length === 0 && list.more === undefined && <li class="item muted">{text.models.noJobs}</li>}
      </ul>
      <MoreRows list={list} />
    </Panel>
  );
}
