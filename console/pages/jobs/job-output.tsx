import { useState } from 'preact/hooks';
import type { BatchPredictJob, EvaluateJob, ExportJob } from '../../../lib/contracts/job.ts';
import type { Metrics } from '../../../lib/contracts/metrics.ts';
import type { PrecisionCheck } from '../../../lib/contracts/precision.ts';
import { byteSize, count, counted, percent } from '../../../lib/format.ts';
import { Empty, MoreRows, Panel, Stats } from '../../components/basics.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { FileButton } from '../../components/file-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { modelOf } from '../../describe-job.ts';
import { points } from '../../format.ts';
import { useList } from '../../hooks/use-list.ts';
import { batchAction, evaluateAction, exportAction } from '../../model-actions.ts';
import { scoreOf } from '../../score.ts';
import { text } from '../../strings.ts';

const CLASSES_SHOWN = 30;
const FILES_A_PAGE = 50;

/** What an evaluation, a batch prediction or an export has made. */
export function OutputPanels({ job }: { readonly job: EvaluateJob | BatchPredictJob | ExportJob }) {
  if (job.kind === 'evaluate') return <Evaluation job={job} />;
  return job.kind === 'export' ? <Export job={job} /> : <BatchPrediction job={job} />;
}

function Evaluation({ job }: { readonly job: EvaluateJob }) {
  const { id, spec, result } = job;
  if (result === undefined) return null;
  const { metrics } = result;
  const score = scoreOf(metrics);
  // Of a single-label model, micro F1 is the accuracy.
  const own = metrics.meanAveragePrecision === undefined ? 'balancedAccuracy' : 'microF1';
  const further = [own, 'macroF1', 'expectedCalibrationError'] as const;
  return (
    <>
      <Panel
        title={text.results.title}
        aside={<CopyAction action={evaluateAction(modelOf(job), spec.dataset)} label={text.results.repeat} />}
      >
        <Stats
          of={[
            ...(score === undefined ? [] : [score]),
            // The metric of a one-class model, which has no F1.
            ...(metrics.macroF1 === undefined && metrics.auc !== undefined
              ? [[text.results.auc, metrics.auc.toFixed(3)] as const]
              : []),
            ...further.flatMap((name) => {
              const value = metrics[name];
              return value === undefined ? [] : [[text.metrics[name] ?? name, percent(value)] as const];
            }),
          ]}
        />
      </Panel>
      <Classes metrics={metrics} />
      <Files job={id} about={text.files.evaluation} />
    </>
  );
}

/** The classes that have images, those with the lowest F1 first. A class without any has no metrics. */
function Classes({ metrics: { perClass, classCount = perClass.length } }: { readonly metrics: Metrics }) {
  const [isWhole, setWhole] = useState(false);
  const found = perClass.filter(({ support }) => support > 0).sort((a, b) => a.f1 - b.f1);
  const shown = isWhole ? found : found.slice(0, CLASSES_SHOWN);
  const without = perClass.length - found.length;
  return (
    <Panel title={text.look.classes} aside={<span class="muted small">{text.look.worstFirst}</span>} isFlush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard */}
      <section class="table-scroll" aria-label={text.results.classTable} tabIndex={0}>
        <table class="class-table">
          <thead>
            <tr>
              <th>{text.look.truth}</th>
              <th class="right">{text.look.images}</th>
              <th class="right">{text.look.precision}</th>
              <th class="right">{text.look.recall}</th>
              <th class="right">{text.look.f1}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ label, support, precision, recall, f1 }) => (
              <tr key={label}>
                <td class="wrap">{label}</td>
                <td class="right number">{count(support)}</td>
                <td class="right number">{percent(precision)}</td>
                <td class="right number">{percent(recall)}</td>
                <td class="right number">{percent(f1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {shown.length < found.length && (
        <div class="more-rows">
          <button type="button" class="button" onClick={() => setWhole(true)}>
            {text.showAll(count(found.length))}
          </button>
        </div>
      )}
      {perClass.length < classCount && (
        <p class="table-note muted small">{text.results.cut(count(classCount - perClass.length))}</p>
      )}
      {without > 0 && (
        <p class="table-note muted small">{text.results.withoutImages(counted(without, text.class, text.classes))}</p>
      )}
    </Panel>
  );
}

function BatchPrediction({ job: { id, spec, result } }: { readonly job: BatchPredictJob }) {
  if (result === undefined) return null;
  const { images, failed } = result;
  return (
    <>
      <Panel title={text.results.title} aside={<CopyAction action={batchAction(spec)} label={text.results.repeat} />}>
        <Stats
          of={[
            [text.results.images, count(images)],
            [text.results.predicted, count(images - failed)],
            [text.results.failed, <span class={failed > 0 ? 'down' : ''}>{count(failed)}</span>],
          ]}
        />
        {failed > 0 && <p>{text.results.failedAbout(counted(failed, text.image))}</p>}
        {images === 0 && <p>{text.results.noImages}</p>}
      </Panel>
      <Files job={id} about={text.files.predictions} />
    </>
  );
}

function Export({ job }: { readonly job: ExportJob }) {
  const { id, spec, result } = job;
  if (result === undefined) return null;
  const { format, archive, files, precision } = result;
  return (
    <Panel
      title={text.results.title}
      aside={
        <span class="row">
          <CopyAction action={exportAction(modelOf(job), spec)} label={text.results.repeat} />
          <FileButton job={id} name={archive} isPrimary />
        </span>
      }
    >
      <p>
        <span class="mono">{archive}</span> <span class="muted">{text.exports.formats[format].about}</span>
      </p>
      {precision !== undefined && <PrecisionLoss check={precision} />}
      <details class="more">
        <summary>
          <Icon name="chevron" size={14} />
          {text.results.archived(counted(files.length, text.file))}
        </summary>
        <ul class="content column archived">
          {files.map(({ name, size }) => (
            <li key={name} class="row">
              <span class="grow mono small">{name}</span>
              <span class="number muted">{byteSize(size)}</span>
            </li>
          ))}
        </ul>
      </details>
    </Panel>
  );
}

/** What less precision costs on the test images. */
function PrecisionLoss({ check }: { readonly check: PrecisionCheck }) {
  const { precision, metric, before, after, loss, interval, images, sameLabel, size, floatLayers = [] } = check;
  const bound = (share: number) => (share * 100).toFixed(1);
  return (
    <>
      <Stats
        of={[
          [text.results.inFloat32(text.metrics[metric] ?? metric), percent(before)],
          [text.results.inPrecision(precision), percent(after)],
          [
            text.results.loss,
            <>
              {points(loss)} <small class="interval">{text.look.interval(bound(interval.low), bound(interval.high))}</small>
            </>,
          ],
          [text.results.sameLabel, percent(sameLabel)],
          [text.results.size, byteSize(size)],
        ]}
      />
      <p class="muted small">{text.results.measuredOn(counted(images, text.results.testImage))}</p>
      {floatLayers.length > 0 && <p class="muted small">{text.results.floatLayers(floatLayers.join(', '))}</p>}
    </>
  );
}

/** The files of a job, to download. */
function Files({ job, about }: { readonly job: string; readonly about: string }) {
  const list = useList(
    `files of ${job}`,
    (client, after) => client.jobs.files(job, { after, limit: FILES_A_PAGE }),
    ({ files }) => files,
  );
  const { items, error } = list;
  if (items === undefined) return <Unloaded error={error} lines={1} />;
  return (
    <Panel title={text.files.title} aside={<span class="muted small">{about}</span>} isFlush>
      {items.length === 0 && (
        <Empty icon="jobs" title={text.files.empty}>
          {text.files.emptyAbout}
        </Empty>
      )}
      <ul class="list">
        {items.map(({ name, size }, at) => (
          <li key={name} class="item file">
            <span class="grow mono small">{name}</span>
            <span class="number muted">{byteSize(size)}</span>
            <FileButton job={job} name={name} after={items[at - 1]?.name} />
          </li>
        ))}
      </ul>
      <MoreRows list={list} />
    </Panel>
  );
}
