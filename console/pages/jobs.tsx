import { useState } from 'preact/hooks';
import type { AnyJob } from '../../lib/contracts/job.ts';
import { client } from '../api.ts';
import { Empty, MoreButton, PageHead, Skeleton } from '../components/basics.tsx';
import { Icon } from '../components/icon.tsx';
import { Problem } from '../components/problem.tsx';
import { hasEnded, StateBadge } from '../components/state-badge.tsx';
import { ago, percent } from '../format.ts';
import { goTo, linkTo } from '../router.ts';
import { text } from '../strings.ts';
import { useLoaded } from '../use-loaded.ts';
import { useMore } from '../use-more.ts';

const POLL_MS = 2_000;

export function JobsPage() {
  const first = useLoaded(
    'jobs',
    (client) => client.jobs.list({ limit: 50 }),
    (last) => (last?.jobs.some(({ state }) => !hasEnded(state)) ? POLL_MS : undefined),
  );
  const {
    items,
    more,
    failure: moreFailure,
  } = useMore(
    first.value,
    ({ jobs }) => jobs,
    (after) => client.jobs.list({ limit: 50, after }),
  );
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [one, other] = chosen;

  function toggle(id: string): void {
    setChosen(chosen.includes(id) ? chosen.filter((each) => each !== id) : [...chosen.slice(-1), id]);
  }

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
      {first.error !== undefined && <Problem error={first.error} />}
      {first.value === undefined && first.error === undefined && <Skeleton />}
      {first.value !== undefined && items.length === 0 && (
        <section class="panel">
          <Empty icon="jobs" title={text.jobs.empty}>
            {text.jobs.emptyAbout}
          </Empty>
        </section>
      )}
      {items.length > 0 && (
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
      <MoreButton more={more} shown={items.length} failure={moreFailure} />
    </>
  );
}

function JobLink({ job }: { readonly job: AnyJob }) {
  const accuracy = accuracyOf(job);
  return (
    <a class="item" href={linkTo(['jobs', job.id])}>
      <span class="grow">
        <span class="name">{job.spec.name}</span> <span class="muted small">{text.jobs.kinds[job.kind ?? 'train']}</span>
      </span>
      {accuracy !== undefined && <span class="number hide-narrow">{percent(accuracy)}</span>}
      <StateBadge state={job.state} />
      <span class="muted hide-narrow">{ago(job.createdAt)}</span>
      <Icon name="chevron" size={14} />
    </a>
  );
}

function accuracyOf(job: AnyJob): number | undefined {
  if (job.kind === 'batch-predict' || job.kind === 'export' || job.result === undefined) return undefined;
  if (job.kind === 'evaluate') return job.result.metrics.accuracy;
  return (job.result.metrics.test ?? job.result.metrics.validation).accuracy;
}
