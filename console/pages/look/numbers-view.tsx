import type { ModelReport } from '../../../lib/contracts/model-report.ts';
import type { Estimate } from '../../../lib/contracts/report-parts.ts';
import { count, duration, percent, pValue } from '../../../lib/format.ts';
import { Panel, Stats } from '../../components/basics.tsx';
import { Chart } from '../../components/chart.tsx';
import { points } from '../../format.ts';
import { linkTo, withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { DataPanel, SizesPanel, SuspectsPanel } from './data-panels.tsx';

const ROWS_SHOWN = 100;
const UNIT = { from: 0, to: 1, format: (value: number) => percent(value, 0) };

/** The numbers of a report: its classes, curves, strategy, data and time. */
export function NumbersView({ report }: { readonly report: ModelReport }) {
  return (
    <>
      <ComparisonPanel report={report} />
      <ClassesPanel report={report} />
      <CalibrationPanels report={report} />
      <HistoryPanel report={report} />
      <StrategyPanel report={report} />
      <DataPanel report={report} />
      <SizesPanel report={report} />
      <SuspectsPanel report={report} />
      <TimePanel report={report} />
      <OmittedPanel report={report} />
    </>
  );
}

function ComparisonPanel({ report: { comparison, model, version } }: { readonly report: ModelReport }) {
  if (comparison === undefined) return null;
  const { alias, version: other, images, onlyThis, onlyOther, difference, midP } = comparison;
  return (
    <Panel
      title={text.look.comparison(`${alias} (${model}@${other})`)}
      aside={
        <a class="link small" href={linkTo(['models', model, 'compare'], { before: `${other}`, after: `${version}` })}>
          {text.look.toComparison(`${other}`, `${version}`)}
        </a>
      }
    >
      <Stats
        of={[
          [text.compare.images, count(images)],
          [text.look.onlyThis, count(onlyThis)],
          [text.look.onlyOther(alias), count(onlyOther)],
          [text.compare.difference, `${difference.value > 0 ? '+' : ''}${points(difference.value)}`],
          [text.compare.chance, pValue(midP)],
        ]}
      />
    </Panel>
  );
}

function ClassesPanel({ report: { classes, classCount } }: { readonly report: ModelReport }) {
  const shown = classes.slice(0, ROWS_SHOWN);
  const hasAuc = shown.some(({ auc }) => auc !== undefined);
  return (
    <Panel
      title={text.look.classes}
      aside={
        <span class="muted small">
          {shown.length < classCount ? text.look.classesCut(count(shown.length), count(classCount)) : text.look.worstFirst}
        </span>
      }
      isFlush
    >
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th>{text.look.truth}</th>
              <th class="right">{text.look.images}</th>
              <th class="right">{text.look.precision}</th>
              <th class="right">{text.look.recall}</th>
              <th class="right">{text.look.f1}</th>
              {hasAuc && <th class="right hide-narrow">{text.look.auc}</th>}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ label, support, precision, recall, f1, auc }) => (
              <tr key={label}>
                <td class="wrap">
                  <a
                    class="link"
                    href={withQuery({ view: 'pictures', label, predicted: undefined })}
                    title={text.look.showLabel(label)}
                  >
                    {label}
                  </a>
                </td>
                <td class="right number">{count(support)}</td>
                <EstimateCell of={precision} />
                <EstimateCell of={recall} />
                <EstimateCell of={f1} />
                {hasAuc && <td class="right number hide-narrow">{auc?.toFixed(3) ?? '–'}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function EstimateCell({ of }: { readonly of: Estimate | undefined }) {
  if (of === undefined) return <td class="right muted">–</td>;
  return (
    <td class="right number">
      {percent(of.value)}{' '}
      <span class="muted small hide-narrow">{text.look.interval(percent(of.low, 0), percent(of.high, 0))}</span>
    </td>
  );
}

function CalibrationPanels({ report: { calibration, coverage } }: { readonly report: ModelReport }) {
  if (calibration === undefined && coverage === undefined) return null;
  const pointsOf = (bins: readonly { readonly confidence: number; readonly accuracy: number; readonly count: number }[]) =>
    bins.filter((bin) => bin.count > 0).map(({ confidence, accuracy }) => [confidence, accuracy] as const);
  return (
    <div class="side-by-side">
      {calibration !== undefined && (
        <Panel title={text.look.calibration}>
          <p class="muted small">{text.look.calibrationAbout}</p>
          <Chart
            title={text.look.confidence}
            lines={[
              { name: text.look.afterCalibration, kind: 'a', points: pointsOf(calibration.after.bins) },
              { name: text.look.beforeCalibration, kind: 'b', points: pointsOf(calibration.before.bins) },
            ]}
            format={(value) => percent(value, 0)}
            x={UNIT}
            hasDiagonal
          />
          <Stats
            of={[
              [
                text.metrics.expectedCalibrationError ?? '',
                `${percent(calibration.before.expectedCalibrationError)} → ${percent(calibration.after.expectedCalibrationError)}`,
              ],
              [
                text.metrics.negativeLogLikelihood ?? '',
                `${calibration.before.negativeLogLikelihood.toFixed(3)} → ${calibration.after.negativeLogLikelihood.toFixed(3)}`,
              ],
            ]}
          />
        </Panel>
      )}
      {coverage !== undefined && (
        <Panel title={text.look.coverage}>
          <p class="muted small">{text.look.coverageAbout}</p>
          <Chart
            title={text.job.accuracy}
            lines={[{ name: text.look.predictedShare, kind: 'a', points: coverage.points }]}
            format={(value) => percent(value, 0)}
            x={UNIT}
          />
          <div class="table-scroll">
            <table class="narrow-cells">
              <thead>
                <tr>
                  <th>{text.look.threshold}</th>
                  <th class="right">{text.look.answered}</th>
                  <th class="right">{text.job.accuracy}</th>
                </tr>
              </thead>
              <tbody>
                {coverage.thresholds.map(({ threshold, coverage: share, accuracy }) => (
                  <tr key={threshold}>
                    <td class="number">
                      <a class="link" href={withQuery({ view: 'pictures', threshold: Math.round(threshold * 100) })}>
                        {percent(threshold, 0)}
                      </a>
                    </td>
                    <td class="right number">{percent(share)}</td>
                    <td class="right number">{accuracy === undefined ? '–' : percent(accuracy)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      )}
    </div>
  );
}

function HistoryPanel({ report: { history } }: { readonly report: ModelReport }) {
  if (history === undefined || history.length < 2) return null;
  type Epoch = (typeof history)[number];
  const line = (of: (epoch: Epoch) => number) => history.map((epoch) => [epoch.epoch, of(epoch)] as const);
  return (
    <Panel title={text.look.history}>
      <div class="two">
        <Chart
          title={text.job.loss}
          lines={[
            { name: text.job.training, kind: 'a', points: line(({ loss }) => loss) },
            { name: text.job.validation, kind: 'b', points: line(({ validationLoss }) => validationLoss) },
          ]}
          format={(value) => value.toFixed(2)}
        />
        <Chart
          title={text.job.accuracy}
          lines={[
            { name: text.job.training, kind: 'a', points: line(({ accuracy }) => accuracy) },
            { name: text.job.validation, kind: 'b', points: line(({ validationAccuracy }) => validationAccuracy) },
          ]}
          format={(value) => percent(value, 0)}
        />
      </div>
    </Panel>
  );
}

function StrategyPanel({ report: { strategy, backbone } }: { readonly report: ModelReport }) {
  const { name, reason, candidates = [], tuningGain } = strategy;
  return (
    <Panel title={text.look.strategy} aside={<span class="muted small mono">{backbone}</span>}>
      <p>
        <span class="badge mono">{name}</span> <span class="muted">{reason}</span>
      </p>
      {tuningGain !== undefined && (
        <p class="small">
          {text.look.gain}: <span class="number">{tuningGain.value.toFixed(3)}</span>{' '}
          <span class="muted number">({text.look.interval(tuningGain.low.toFixed(3), tuningGain.high.toFixed(3))})</span>
        </p>
      )}
      {candidates.length > 0 && (
        <>
          <h3>{text.look.probes}</h3>
          <ul class="classes">
            {candidates.map(({ name: stage, score }) => (
              <li key={stage}>
                <span class="label mono">{stage}</span>
                <span class="bar">
                  <span style={{ width: `${score.value * 100}%` }} />
                </span>
                <span class="number muted">{percent(score.value, 0)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function TimePanel({ report: { seconds } }: { readonly report: ModelReport }) {
  const stages = ['features', 'train', 'evaluate', 'other', 'total'] as const;
  return (
    <Panel title={text.look.time}>
      <Stats of={stages.map((stage) => [text.look.seconds[stage], duration(seconds[stage])])} />
    </Panel>
  );
}

function OmittedPanel({ report: { omitted } }: { readonly report: ModelReport }) {
  const reasons = [...new Set(Object.values(omitted))];
  if (reasons.length === 0) return null;
  return (
    <Panel title={text.look.omitted}>
      <ul class="column reasons muted small">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </Panel>
  );
}
