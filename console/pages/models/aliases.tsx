import { useState } from 'preact/hooks';
import type { AliasRecord, RollBackAlias } from '../../../lib/contracts/model-http.ts';
import type { ModelRecord } from '../../../lib/contracts/model-record.ts';
import type { ModelVersion } from '../../../lib/contracts/model-version.ts';
import { Alias } from '../../../lib/contracts/names.ts';
import { GraftError } from '../../../lib/errors.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress, client } from '../../api.ts';
import { Panel, TextField } from '../../components/basics.tsx';
import { CopyAction } from '../../components/copy-action.tsx';
import { Icon } from '../../components/icon.tsx';
import { Problem } from '../../components/problem.tsx';
import { useAction } from '../../hooks/use-action.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { shortScore } from '../../score.ts';
import { text } from '../../strings.ts';
import { GateEditor } from './gate-editor.tsx';

/** The most that the API takes as a reason. */
const MOST_CHARACTERS = 500;

/** Where each alias points, moving one, and moving it back. */
export function AliasesPanel({ model, onChange }: { readonly model: ModelRecord; readonly onChange: () => void }) {
  const aliases = Object.entries(model.aliases).filter(([alias]) => alias !== 'latest');
  return (
    <Panel title={text.aliases.title} isFlush>
      <ul class="list">
        {aliases.map(([alias, version]) => (
          <AliasRow key={alias} model={model.name} alias={alias} version={version} onChange={onChange} />
        ))}
        {aliases.length === 0 && <li class="item muted">{text.aliases.none}</li>}
      </ul>
      <PromoteForm model={model} onChange={onChange} />
    </Panel>
  );
}

interface AliasRowProps {
  readonly model: string;
  readonly alias: string;
  /** Where the model's record says that it points: after a move, the row loads the alias again. */
  readonly version: number;
  readonly onChange: () => void;
}

function AliasRow({ model, alias, version, onChange }: AliasRowProps) {
  const { value, error, reload } = useLoaded(`alias ${model} ${alias} ${version}`, (client) =>
    client.models.getAlias(model, alias),
  );
  const { run, isBusy, failure } = useAction();
  // Until the alias is loaded again, the button names a version that a second click would not go back to.
  const [outdated, setOutdated] = useState<AliasRecord>();
  const [isGateOpen, setGateOpen] = useState(false);
  const last = value?.history?.at(-1);
  const before = value?.previous.at(-1);
  const gateId = `gate-${alias}`;

  function onMoved(): void {
    setOutdated(value);
    reload();
    onChange();
  }

  function rollback(move: RollBackAlias): void {
    void run(() => moveAlias(() => client.models.rollback(model, alias, move), onMoved));
  }

  return (
    <li>
      <div class="item alias">
        <span class="grow row">
          <span class="badge good">{alias}</span>
          <span class="number">{value === undefined ? '' : text.aliases.at(value.version)}</span>
          {value?.gate !== undefined && <span class="badge">{text.aliases.gate(value.gate.rules.length)}</span>}
          {last?.verdict !== undefined && (
            <span class={last.verdict.passed ? 'badge good' : 'badge warn'}>
              {last.verdict.passed ? text.aliases.passed : text.aliases.forced}
            </span>
          )}
          {failure !== undefined && <Problem error={failure} />}
          {error !== undefined && <Problem error={error} />}
        </span>
        {value !== undefined && (
          <button
            type="button"
            class="button quiet"
            aria-expanded={isGateOpen}
            aria-controls={isGateOpen ? gateId : undefined}
            onClick={() => setGateOpen(!isGateOpen)}
          >
            {text.gate.button} <span class="visually-hidden">{text.gate.of(alias)}</span>
          </button>
        )}
        {value !== undefined && before !== undefined && (
          <>
            <CopyAction action={rollbackAction(model, alias)} />
            <button
              type="button"
              class="button"
              disabled={isBusy || value === outdated}
              onClick={() => rollback({ version: before, expected: value.version })}
            >
              {text.aliases.rollback(before)}
            </button>
          </>
        )}
      </div>
      {isGateOpen && value !== undefined && (
        <GateEditor id={gateId} model={model} alias={alias} version={value.version} gate={value.gate} onChange={reload} />
      )}
    </li>
  );
}

function PromoteForm({ model, onChange }: { readonly model: ModelRecord; readonly onChange: () => void }) {
  const newest = model.versions.at(-1)?.version ?? 1;
  const [version, setVersion] = useState(newest);
  const [alias, setAlias] = useState('prod');
  const [reason, setReason] = useState('');
  const [done, setDone] = useState<string>();
  // Until the answer is there, which is about this version and this alias, neither can be changed.
  const { run, isBusy, failure, forget: forgetFailure } = useAction();
  const isNamed = Alias.safeParse(alias).success && alias !== 'latest';
  const isStopped = failure instanceof GraftError && failure.code === 'GATE_FAILED';

  function promote(event: Event): void {
    event.preventDefault();
    setDone(undefined);
    const expected = new Map(Object.entries(model.aliases)).get(alias) ?? null;
    const force = isStopped && reason.trim() !== '' ? { by: text.aliases.consoleUser, reason: reason.trim() } : undefined;
    const request = () => client.models.setAlias(model.name, alias, { version, expected, ...(force && { force }) });
    void run(
      () => moveAlias(request, onChange),
      () => {
        setReason('');
        setDone(text.aliases.moved(alias, version));
      },
    );
  }

  /** Another version or alias meets another gate, or none: nobody was refused there, and no reason was given. */
  function forget(): void {
    forgetFailure();
    setReason('');
  }

  return (
    <form class="promote" onSubmit={promote}>
      <div class="row">
        <label class="row">
          <span>{text.aliases.promote}</span>
          <select
            class="select"
            value={version}
            disabled={isBusy}
            onChange={(event) => {
              setVersion(Number(event.currentTarget.value));
              forget();
            }}
          >
            {model.versions.toReversed().map((each) => (
              <option key={each.version} value={each.version}>
                {optionOf(each)}
              </option>
            ))}
          </select>
        </label>
        <label class="row">
          <span>{text.aliases.to}</span>
          <input
            class="input"
            value={alias}
            disabled={isBusy}
            aria-invalid={!isNamed}
            aria-describedby={isNamed ? undefined : 'alias-rule'}
            onInput={(event) => {
              setAlias(event.currentTarget.value);
              forget();
            }}
          />
        </label>
        <button type="submit" class="button primary" disabled={isBusy || !isNamed || (isStopped && reason.trim() === '')}>
          {isStopped ? text.aliases.force : text.aliases.button}
        </button>
        {isNamed && <CopyAction action={promoteAction(model.name, version, alias)} />}
      </div>
      {!isNamed && (
        <p id="alias-rule" class="down small">
          {text.aliases.rule}
        </p>
      )}
      {failure !== undefined && <Problem error={failure} />}
      {isStopped && (
        <TextField
          id="force-reason"
          label={text.aliases.reason}
          value={reason}
          onInput={setReason}
          attributes={{ maxLength: MOST_CHARACTERS }}
        />
      )}
      <p role="status" class="row up">
        {done !== undefined && (
          <>
            <Icon name="check" size={16} />
            {done}
          </>
        )}
      </p>
    </form>
  );
}

/**
 * Moves an alias.
 * @param onMoved called also if the request fails because somebody else has moved it: the page shows where it was
 */
async function moveAlias(request: () => Promise<unknown>, onMoved: () => void): Promise<void> {
  try {
    await request();
  } catch (error) {
    if (error instanceof GraftError && error.code === 'PRECONDITION_FAILED') onMoved();
    throw error;
  }
  onMoved();
}

/** A version with its score, which not every version has. */
function optionOf(version: ModelVersion): string {
  const score = shortScore(version);
  return score === undefined ? `${version.version}` : `${version.version} (${score})`;
}

function promoteAction(model: string, version: number, alias: string) {
  return actionOf(apiAddress, {
    method: 'PUT',
    path: `/v1/models/${encodeURIComponent(model)}/aliases/${alias}`,
    body: { version },
    command: ['promote', `${model}@${version}`, alias],
    call: `await client.models.setAlias(${quoted(model)}, ${quoted(alias)}, { version: ${version} });`,
  });
}

function rollbackAction(model: string, alias: string) {
  return actionOf(apiAddress, {
    method: 'POST',
    path: `/v1/models/${encodeURIComponent(model)}/aliases/${alias}/rollback`,
    command: ['rollback', model, alias],
    call: `await client.models.rollback(${quoted(model)}, ${quoted(alias)});`,
  });
}
