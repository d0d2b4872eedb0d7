import { hasEnded } from '../../../lib/contracts/has-ended.ts';
import type { AnyJob, JobRecord } from '../../../lib/contracts/job.ts';
import { count, duration, percent, roughDuration } from '../../../lib/format.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress, client } from '../../api.ts';
import { Panel, Stats } from '../../components/basics.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Problem } from '../../components/problem.tsx';
import { points } from '../../format.ts';
import { useAction } from '../../hooks/use-action.ts';
import { linkTo } from '../../router.ts';
import { scoreOf } from '../../score.ts';
import { text } from '../../strings.ts';
import { LookLink } from '../models/version-panel.tsx';

/** The interim result of a training that fine-tunes, which can be published now. */
export function InterimPanel({ job, update }: { readonly job: JobRecord; readonly update: (job: AnyJob) => void }) {
  const { run, isBusy, failure } = useAction();
  const { interim, id, state, finishRequested } = job;
  if (interim === undefined || hasEnded({ state })) return null;
  const { accuracy, accuracyInterval, meanAveragePrecision, images, likelyGain, secondsLeft } = interim;
  const value = meanAveragePrecision ?? accuracy;
  const interimAbout = text.job.interimAbout(count(images), {
    gain: likelyGain === undefined ? undefined : points(likelyGain),
    time: secondsLeft === undefined ? undefined : roughDuration(secondsLeft),
  });
  const finish = actionOf(apiAddress, {
    method: 'POST',
    path: `/v1/jobs/${id}/finish`,
    command: ['job', id, '--finish'],
    call: `await client.jobs.finish(${quoted(id)});`,
  });
  return (
    <section class="interim" aria-label={text.job.interim}>
      <div>
        <p>
          {value !== undefined && (
            <>
              <strong class="number">{percent(value)}</strong>{' '}
              {meanAveragePrecision === undefined ? text.job.accuracyWord : text.job.meanAveragePrecision}
            </>
          )}
          {accuracyInterval && (
            <span class="muted number">{` (${percent(accuracyInterval.low)} – ${percent(accuracyInterval.high)})`}</span>
          )}
        </p>
        <p class="muted">{interimAbout}</p>
        {failure !== undefined && <Problem error={failure} />}
      </div>
      <div class="row">
        <CopyAction action={finish} />
        <button
          type="button"
          class="button primary"
          disabled={isBusy || finishRequested !== undefined}
          onClick={() => run(() => client.jobs.finish(id), update)}
        >
          {finishRequested === undefined ? text.job.finish : text.job.finishing}
        </button>
      </div>
    </section>
  );
}

/** What a training made: the version, its metrics and the strategy with its reason. */
export function ResultPanel({ job: { result, reportPage } }: { readonly job: JobRecord }) {
  if (result === undefined) return null;
  const { model, version, metrics, strategy, seconds } = result;
  const shown = metrics.test ?? metrics.validation;
  const score = scoreOf(shown);
  const reference = `${model}@${version}`;
  return (
    <Panel
      title={text.job.result(reference)}
      aside={
        <span class="row">
          {reportPage !== undefined && <LookLink name={model} version={version} />}
          <a class="button" href={linkTo(['models', model])}>
            {text.job.toModel}
          </a>
          <a class="button primary" href={linkTo(['try', reference])}>
            {text.job.toTry}
          </a>
        </span>
      }
    >
      <Stats
        of={[
          ...(score === undefined ? [] : [score]),
          ...(shown.balancedAccuracy === undefined ? [] : [[text.job.balanced, percent(shown.balancedAccuracy)] as const]),
          ...(shown.macroF1 === undefined ? [] : [[text.job.macroF1, percent(shown.macroF1)] as const]),
          [text.job.time, duration(seconds.total)],
        ]}
      />
      <p>
        <span class="badge mono">{strategy.name}</span> <span class="muted">{strategy.reason}</span>
      </p>
    </Panel>
  );
}
