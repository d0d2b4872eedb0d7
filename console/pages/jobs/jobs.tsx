import { hasEnded } from '../../../lib/contracts/has-ended.ts';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import { Empty, MoreButton, PageHead, Skeleton } from '../../components/basics.tsx';
import { Icon } from '../../components/icon.tsx';
import { Problem } from '../../components/problem.tsx';
import { StateBadge } from '../../components/state-badge.tsx';
import { modelOf, outcomeOf, workOf } from '../../describe-job.ts';
import { ago } from '../../format.ts';
import { useChosenTwo } from '../../hooks/use-chosen-two.ts';
import { useList } from '../../hooks/use-list.ts';
import { goTo, linkTo } from '../../router.ts';
import { text } from '../../strings.ts';

const POLL_MS = 2_000;

export function JobsPage() {
  const list = useList(
    'jobs',
    (client, after) => client.jobs.list({ limit: 50, after }),
    ({ jobs }) => jobs,
    { idOf: ({ id }) => id, mayChange: (job) => !hasEnded(job), everyMs: POLL_MS },
  );
  const { items, error } = list;
  const { chosen, toggle } = useChosenTwo<string>();
  const [one, other] = chosen;

  return (
    <>
      <PageHead title={text.pages.jobs} about={text.jobs.about}>
        <button
          type="button"
          class="button"
          disabled={one === undefined || other === undefined}
          onClick={() => one !== undefined && goTo(linkTo(['jobs', one], { beside: other }))}
        >
          {text.jobs.compare}
        </button>
        <a class="button primary" href="#/train">
          {text.jobs.train}
        </a>
      </PageHead>
      {error !== undefined && <Problem error={error} />}
      {items === undefined && error === undefined && <Skeleton />}
      {items?.length === 0 && (
        <section class="panel">
          <Empty icon="jobs" title={text.jobs.empty}>
            {text.jobs.emptyAbout}
          </Empty>
        </section>
      )}
      {items !== undefined && items.length > 0 && (
        <ul class="panel list" aria-label={text.pages.jobs}>
          {items.map((job) => (
            <li key={job.id} class="job-row">
              <input
                type="checkbox"
                aria-label={text.jobs.choose(job.spec.name, job.id)}
                checked={chosen.includes(job.id)}
                onChange={() => toggle(job.id)}
              />
              <JobLink job={job} />
            </li>
          ))}
        </ul>
      )}
      <MoreButton list={list} />
    </>
  );
}

function JobLink({ job }: { readonly job: AnyJob }) {
  const outcome = outcomeOf(job);
  return (
    <a class="item" href={linkTo(['jobs', job.id])}>
      <span class="grow">
        <span class="name">{modelOf(job)}</span> <span class="muted small">{workOf(job)}</span>
      </span>
      {outcome !== undefined && <span class="number hide-narrow">{outcome}</span>}
      <StateBadge state={job.state} />
      <span class="muted hide-narrow">{ago(job.createdAt)}</span>
      <Icon name="chevron" size={14} />
    </a>
  );
}
