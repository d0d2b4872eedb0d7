import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type ModelRetention, Retention } from '../../../lib/contracts/retention.ts';
import { count, counted } from '../../../lib/format.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress, client } from '../../api.ts';
import { Panel, TextField } from '../../components/basics.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { useAction } from '../../hooks/use-action.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { text } from '../../strings.ts';

/** Versions that a line names. */
const MOST_NAMED = 12;
const NUMERIC_INPUT = { inputMode: 'numeric', autocomplete: 'off' } as const;

/** Which versions of a model stay. A setting is tried before it is set, because it removes versions. */
export function RetentionPanel({ name }: { readonly name: string }) {
  const { value, error, reload } = useLoaded(`retention ${name}`, (client) => client.models.getRetention(name));
  const { run, isBusy, failure, forget } = useAction();

  /** The form shows a failure, beside the preview that was not set. */
  async function set(setting: Retention): Promise<void> {
    forget();
    await client.models.setRetention(name, setting);
    reload();
  }

  if (value === undefined) return <Unloaded error={error} lines={1} />;
  return (
    <Panel
      title={text.retention.title}
      aside={
        value.retention !== null && (
          <button
            type="button"
            class="button quiet"
            disabled={isBusy}
            onClick={() => run(() => client.models.endRetention(name), reload)}
          >
            {text.retention.off}
          </button>
        )
      }
    >
      {failure !== undefined && <Problem error={failure} />}
      <Described found={value} isPreview={false} />
      <RetentionForm
        key={JSON.stringify(value.retention)}
        name={name}
        given={value.retention ?? Retention.parse({})}
        onSet={set}
      />
    </Panel>
  );
}

function RetentionForm(props: {
  readonly name: string;
  readonly given: Retention;
  /** Rejects if the setting could not be set. */
  readonly onSet: (setting: Retention) => Promise<void>;
}) {
  const { name, given, onSet } = props;
  const [typed, setTyped] = useState({ newest: `${given.newest}`, days: `${given.days}` });
  const [preview, setPreview] = useState<ModelRetention>();
  const { run, isBusy, failure } = useAction();
  const setting = settingOf(typed);
  // The answer to an earlier preview may arrive after the fields have changed: only what was previewed can be set.
  const previewed = isSame(preview?.retention, setting) ? preview?.retention : undefined;

  function type(change: Partial<typeof typed>): void {
    setTyped((before) => ({ ...before, ...change }));
  }

  return (
    <form
      class="column retention"
      onSubmit={(event) => {
        event.preventDefault();
        if (setting !== undefined) void run(() => client.models.getRetention(name, setting), setPreview);
      }}
    >
      <div class="row fields">
        <TextField
          id="retention-newest"
          label={text.retention.newest}
          attributes={NUMERIC_INPUT}
          value={typed.newest}
          onInput={(newest) => type({ newest })}
        />
        <TextField
          id="retention-days"
          label={text.retention.days}
          attributes={NUMERIC_INPUT}
          value={typed.days}
          onInput={(days) => type({ days })}
        />
        <button type="submit" class="button" disabled={setting === undefined || isBusy}>
          {text.retention.preview}
        </button>
        {setting !== undefined && <CopyAction action={retentionAction(name, setting)} />}
      </div>
      {setting === undefined && <p class="muted small">{text.retention.rule}</p>}
      {failure !== undefined && <Problem error={failure} />}
      {preview && previewed && (
        <div class="preview column" role="status">
          <Described found={preview} isPreview />
          <div class="row">
            <button
              type="button"
              class="button danger"
              disabled={isBusy}
              onClick={() =>
                run(
                  () => onSet(previewed),
                  () => setPreview(undefined),
                )
              }
            >
              {text.retention.set}
            </button>
            <span class="muted small">{text.retention.setAbout}</span>
          </div>
        </div>
      )}
    </form>
  );
}

/** What a setting keeps and removes, or a preview of one. */
function Described({ found, isPreview }: { readonly found: ModelRetention; readonly isPreview: boolean }) {
  const { retention, expired, inUse, removed } = found;
  const past = isPreview ? [] : removed.toReversed().map(({ version }) => version);
  return (
    <>
      <p>{retention === null ? text.retention.all : described(retention)}</p>
      <dl class="facts">
        {retention !== null && (
          <Fact name={isPreview ? text.retention.wouldBeRemoved : text.retention.removedNext}>
            {expired.length === 0 ? text.retention.noneRemoved : named(expired)}
          </Fact>
        )}
        {inUse.length > 0 && (
          <Fact name={text.retention.inUse}>
            {inUse
              .slice(0, MOST_NAMED)
              .map(({ version, uses }) => `${version} (${uses.map(({ kind, by }) => text.retention.uses[kind](by)).join(', ')})`)
              .join(', ')}
            {inUse.length > MOST_NAMED && ` ${text.andMore(count(inUse.length - MOST_NAMED))}`}
          </Fact>
        )}
        {past.length > 0 && <Fact name={text.retention.removedBefore}>{named(past)}</Fact>}
      </dl>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function described({ newest, days }: Retention): string {
  return days === 0 ? text.retention.stayNewest(newest) : text.retention.stay(newest, counted(days, text.retention.day));
}

function named(versions: readonly number[]): string {
  const more = versions.length - MOST_NAMED;
  return `${versions.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` ${text.andMore(count(more))}` : ''}`;
}

/** The setting that was typed; undefined unless both are numbers that a setting may have. */
function settingOf({ newest, days }: { readonly newest: string; readonly days: string }): Retention | undefined {
  const isNumber = (typed: string) => /^\s*\d+\s*$/.test(typed);
  if (!isNumber(newest) || !isNumber(days)) return undefined;
  return Retention.safeParse({ newest: Number(newest), days: Number(days) }).data;
}

function isSame(a: Retention | null | undefined, b: Retention | undefined): boolean {
  return a?.newest === b?.newest && a?.days === b?.days;
}

function retentionAction(name: string, { newest, days }: Retention) {
  return actionOf(apiAddress, {
    method: 'PUT',
    path: `/v1/models/${encodeURIComponent(name)}/retention`,
    body: { newest, days },
    command: ['retention', name, '--newest', `${newest}`, '--days', `${days}`],
    call: `await client.models.setRetention(${quoted(name)}, { newest: ${newest}, days: ${days} });`,
  });
}
