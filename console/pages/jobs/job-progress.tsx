import { hasEnded } from '../../../lib/contracts/has-ended.ts';
import type { AnyJob } from '../../../lib/contracts/job.ts';
import type { JobEvent } from '../../../lib/contracts/job-event.ts';
import { count, percent, roughDuration } from '../../../lib/format.ts';
import { Bar, Panel } from '../../components/basics.tsx';
import { Chart, type Line } from '../../components/chart.tsx';
import { Icon } from '../../components/icon.tsx';
import { stagesOf } from '../../job-stages.ts';
import { text } from '../../strings.ts';

type Epoch = Extract<JobEvent, { type: 'epoch' }>;

/** Where a job is: its stages, its progress, and the curves of its latest training. */
export function JobProgressPanel({ job, events }: { readonly job: AnyJob; readonly events: readonly JobEvent[] }) {
  const isOver = hasEnded(job);
  const stages = stagesOf(job, events);
  return (
    <Panel title={text.job.progress} aside={<span class="muted number">{remaining(job)}</span>}>
      {stages.length > 0 && (
        <ol class="stages">
          {stages.map(({ stage, look }) => (
            <li key={stage} class={look}>
              {text.job.stages[stage]}
            </li>
          ))}
        </ol>
      )}
      {!isOver && (
        <>
          <Bar share={job.progress && job.progress.done / Math.max(job.progress.total, 1)} label={text.job.progress} />
          <p class="muted number">{described(job)}</p>
        </>
      )}
      <Curves epochs={lastTraining(events)} />
    </Panel>
  );
}

function remaining({ state, progress }: AnyJob): string {
  if (hasEnded({ state }) || progress?.secondsLeft === undefined) return '';
  return text.job.left(roughDuration(progress.secondsLeft, Math.ceil));
}

function described({ state, progress }: AnyJob): string {
  if (progress === undefined) return state === 'SUBMITTED' ? text.job.queued : text.job.starting;
  const { stage, phase, done, total, imagesPerSecond } = progress;
  const rate = imagesPerSecond === undefined ? '' : `, ${text.train.imagesPerSecond(imagesPerSecond)}`;
  const name = phase === undefined ? text.job.stages[stage] : text.job.phases[phase];
  // An export does not count its work, unless it compares precisions.
  return total === 0 ? name : `${name}: ${count(done)} / ${count(total)}${rate}`;
}

/** The epochs of the latest training; a training begins at epoch 1. */
function lastTraining(events: readonly JobEvent[]): readonly Epoch[] {
  const epochs = events.filter((event) => event.type === 'epoch');
  const start = epochs.findLastIndex(({ epoch }) => epoch === 1);
  return start < 0 ? epochs : epochs.slice(start);
}

function Curves({ epochs }: { readonly epochs: readonly Epoch[] }) {
  if (epochs.length < 2) return null;
  const line = (name: string, kind: Line['kind'], of: (epoch: Epoch) => number | undefined): Line[] => {
    const points = epochs.flatMap((epoch): [number, number][] => {
      const value = of(epoch);
      return value === undefined || !Number.isFinite(value) ? [] : [[epoch.epoch, value]];
    });
    return points.length === 0 ? [] : [{ name, kind, points }];
  };
  const losses = [
    ...line(text.job.training, 'a', ({ loss }) => loss),
    ...line(text.job.validation, 'b', ({ validationLoss }) => validationLoss),
  ];
  const accuracies = [
    ...line(text.job.training, 'a', ({ accuracy }) => accuracy),
    ...line(text.job.validation, 'b', ({ validationAccuracy }) => validationAccuracy),
  ];
  return (
    <div class="two">
      {losses.length > 0 && <Chart title={text.job.loss} lines={losses} format={(value) => value.toFixed(2)} />}
      {accuracies.length > 0 && <Chart title={text.job.accuracy} lines={accuracies} format={(value) => percent(value, 0)} />}
    </div>
  );
}

/** The last lines of the job's log. */
export function LogPanel({ events }: { readonly events: readonly JobEvent[] }) {
  const lines = events.flatMap((event) => (event.type === 'log' ? [event.line] : [])).slice(-200);
  if (lines.length === 0) return null;
  return (
    <details class="panel more log-panel">
      <summary>
        <Icon name="chevron" size={14} />
        {text.job.log} <span class="number">{count(lines.length)}</span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard */}
      <ol class="log" tabIndex={0} aria-label={text.job.log}>
        {lines.map((line, index) => (
          <li key={index}>{line}</li>
        ))}
      </ol>
    </details>
  );
}
