import { useRef } from 'preact/hooks';
import type { Client } from '../../../lib/client/client.ts';
import { type Drift, FEWEST_KEPT } from '../../../lib/contracts/drift.ts';
import type { ModelKeeping } from '../../../lib/contracts/keeping.ts';
import { ConflictError } from '../../../lib/errors.ts';
import { count, counted, percent } from '../../../lib/format.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress } from '../../api.ts';
import { Empty, Panel, Stats } from '../../components/basics.tsx';
import { Chart } from '../../components/chart.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { mayPass } from '../../may-pass.ts';
import { replaceAddress, withQuery } from '../../router.ts';
import { text } from '../../strings.ts';
import { KeepForm, KeepingLine } from './keep-form.tsx';

const PERIODS = [7, 30, 90] as const;
const CLASSES_SHOWN = 10;

/** What a model keeps, and if it has kept enough, the comparison. */
interface Found {
  readonly keeping: ModelKeeping['keeping'];
  readonly drift?: Drift;
  /** Kept predictions, if these are too few. */
  readonly kept?: number;
  /** Why there is no comparison, if it is for another reason. */
  readonly failure?: unknown;
}

/**
 * How the kept predictions of a version differ from those on its evaluated images.
 * @param props.days the last days that count
 */
export function DriftPanel({ name, version, days }: { readonly name: string; readonly version: number; readonly days: number }) {
  const reference = `${name}@${version}`;
  const { value, error, reload } = useLoaded(`drift ${reference} ${days}`, (client) => compare(client, name, reference, days));
  // The list of periods, which has the focus, stays while another one is loaded.
  const keeps = useRef(false);
  if (value !== undefined) keeps.current = value.keeping !== null;
  const periods = [...new Set([...PERIODS, days])].sort((a, b) => a - b);
  return (
    <Panel
      title={text.drift.title}
      aside={
        keeps.current && (
          <span class="row">
            <select
              class="select narrow"
              aria-label={text.drift.period}
              value={days}
              onChange={(event) => replaceAddress(withQuery({ days: event.currentTarget.value }))}
            >
              {periods.map((period) => (
                <option key={period} value={period}>
                  {text.drift.lastDays(period)}
                </option>
              ))}
            </select>
            <CopyAction action={driftAction(reference, days)} />
          </span>
        )
      }
    >
      {value === undefined && <Unloaded error={error} lines={2} />}
      {value !== undefined && error !== undefined && <Problem error={error} />}
      {value?.failure !== undefined && <Problem error={value.failure} />}
      {value !== undefined && value.drift === undefined && value.failure === undefined && (
        <TooFew name={name} found={value} days={days} onChange={reload} />
      )}
      {value?.drift !== undefined && <Measured drift={value.drift} />}
      {value !== undefined && value.keeping !== null && <KeepingLine name={name} keeping={value.keeping} onEnd={reload} />}
    </Panel>
  );
}

async function compare(client: Client, name: string, reference: string, days: number): Promise<Found> {
  const { keeping } = await client.models.getKeeping(name);
  if (keeping === null) return { keeping };
  try {
    return { keeping, drift: await client.models.drift(reference, { days }) };
  } catch (error) {
    const isTooFew = error instanceof ConflictError && error.code === 'KEPT_PREDICTIONS_TOO_FEW';
    if (isTooFew) return { keeping, kept: Number(error.received) || 0 };
    // What the model keeps can be shown, and ended, without a comparison.
    if (mayPass(error)) throw error;
    return { keeping, failure: error };
  }
}

/** Instead of a comparison: what the model keeps, and what to do. */
function TooFew(props: { readonly name: string; readonly found: Found; readonly days: number; readonly onChange: () => void }) {
  const { name, found, days, onChange } = props;
  const { keeping, kept = 0 } = found;
  if (keeping === null) {
    return (
      <Empty icon="jobs" title={text.drift.keepsNone} action={<KeepForm name={name} onKept={onChange} />}>
        {text.drift.keepsNoneAbout(count(FEWEST_KEPT))}
      </Empty>
    );
  }
  return (
    <Empty
      icon="jobs"
      title={text.drift.tooFew(count(kept), count(FEWEST_KEPT))}
      action={
        <button type="button" class="button" onClick={onChange}>
          {text.drift.lookAgain}
        </button>
      }
    >
      {text.drift.needsMore(text.drift.lastDays(days))}
    </Empty>
  );
}

function Measured({ drift }: { readonly drift: Drift }) {
  const { drifted, kept, evaluated, tests, omitted, limits, unknown } = drift;
  const changed = tests.filter((test) => test.changed).map(({ of }) => text.drift.tests[of]);
  const weak = tests.filter(({ smallestChange = 0 }) => smallestChange > limits.effect);
  const images = text.look.evaluated[evaluated.part].toLowerCase();
  return (
    <>
      <p aria-live="polite">
        <span class={drifted ? 'badge warn' : 'badge good'}>{drifted ? text.drift.drifted : text.drift.notDrifted}</span>{' '}
        <span class="muted">
          {text.drift.of(
            counted(kept.predictions, text.drift.prediction),
            `${count(evaluated.images)} ${images}`,
            drifted ? changed.join(', ') : undefined,
          )}
        </span>
      </p>
      <Stats
        of={tests.map(({ of, effect, means, changed: is }) => [
          text.drift.tests[of],
          <>
            <span class={is ? 'down' : ''}>{means === undefined ? percent(effect) : means.kept.toFixed(3)}</span>{' '}
            <small class="interval">
              {means === undefined ? text.drift.moved : text.drift.before(means.evaluated.toFixed(3))},{' '}
              {is ? text.drift.changed : text.drift.unchanged}
            </small>
          </>,
        ])}
      />
      {!drifted && weak.length > 0 && (
        <p class="muted small">
          {text.drift.weak(
            weak.map(({ of, smallestChange = 0 }) => text.drift.from(text.drift.tests[of], smallestChange.toFixed(2))).join(', '),
          )}
        </p>
      )}
      {omitted.map(({ of, reason }) => (
        <p key={of} class="muted small">
          {text.drift.omitted(text.drift.tests[of], reason)}
        </p>
      ))}
      {unknown !== undefined && <p class="small">{text.drift.unknown(percent(unknown.evaluated), percent(unknown.kept))}</p>}
      <div class="two">
        <Classes classes={drift.classes} />
        <Days days={drift.days} />
      </div>
      {drifted && (
        <p class="row small">
          {text.drift.next} <CopyAction action={collectAction(drift)} label={text.drift.collect} />
        </p>
      )}
    </>
  );
}

function Classes({ classes }: Pick<Drift, 'classes'>) {
  const shown = classes.slice(0, CLASSES_SHOWN);
  return (
    <div class="column">
      <h3>{text.drift.classes}</h3>
      {shown.length < classes.length && <p class="muted small">{text.drift.classesCut(shown.length)}</p>}
      <div class="table-scroll">
        <table class="narrow-cells">
          <thead>
            <tr>
              <th>{text.look.truth}</th>
              <th class="right">{text.drift.evaluated}</th>
              <th class="right">{text.drift.kept}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ label, evaluated, kept }) => (
              <tr key={label}>
                <td class="wrap">{label}</td>
                <td class="right number">{percent(evaluated)}</td>
                <td class="right number">{percent(kept)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** The confidence by day, and the share of unknown images. One day makes no curve. */
function Days({ days }: Pick<Drift, 'days'>) {
  if (days.length < 2) return null;
  const line = (of: (day: Drift['days'][number]) => number | undefined) =>
    days.flatMap((day, index) => {
      const value = of(day);
      return value === undefined ? [] : [[index, value] as const];
    });
  const unknown = line((day) => day.unknown);
  return (
    <Chart
      title={text.drift.byDay}
      lines={[
        { name: text.look.confidence, kind: 'a', points: line(({ confidence }) => confidence) },
        ...(unknown.length === 0 ? [] : [{ name: text.drift.unknownShare, kind: 'b' as const, points: unknown }]),
      ]}
      format={(value) => percent(value, 0)}
      x={{ from: 0, to: days.length - 1, format: (index) => days[Math.round(index)]?.day ?? '' }}
    />
  );
}

function driftAction(reference: string, days: number) {
  return actionOf(apiAddress, {
    method: 'GET',
    path: `/v1/models/${encodeURIComponent(reference)}/drift?days=${days}`,
    command: ['drift', reference, '--days', `${days}`],
    call: `const drift = await client.models.drift(${quoted(reference)}, { days: ${days} });`,
  });
}

/** The images to label after a change. */
function collectAction({ model, version, kept: { days } }: Drift) {
  const reference = `${model}@${version}`;
  return actionOf(apiAddress, {
    method: 'GET',
    path: `/v1/models/${encodeURIComponent(reference)}/kept-predictions?images=true&unknown=true&unsure=true&days=${days}`,
    command: ['dataset-from', reference, '--unknown', '--unsure', '--days', `${days}`, '--name', 'to-label'],
    call: `const kept = await client.models.keptPredictions(${quoted(reference)}, { images: true, unknown: true, unsure: true, days: ${days} });`,
  });
}
