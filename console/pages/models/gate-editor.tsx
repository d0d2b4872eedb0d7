import { useEffect, useState } from 'preact/hooks';
import { type Gate, type GateMetric, type GateRule, gateMetricsOf, isOfClass } from '../../../lib/contracts/gate.ts';
import { actionOf, quoted } from '../../actions.ts';
import { apiAddress, client } from '../../api.ts';
import { CopyAction } from '../../components/copy-action.tsx';
import { Problem } from '../../components/problem.tsx';
import { Unloaded } from '../../components/unloaded.tsx';
import { describeRule, isShare, type Limit, limitsOf, metricName, ruleOf } from '../../gate-rule.ts';
import { useAction } from '../../hooks/use-action.ts';
import { useLoaded } from '../../hooks/use-loaded.ts';
import { text } from '../../strings.ts';

/** The rules that a version must meet before an alias moves to it. Each change is set at once. */
export function GateEditor(props: {
  readonly id: string;
  readonly model: string;
  readonly alias: string;
  /** The version that the alias points to: its task decides which metrics a rule may have. */
  readonly version: number;
  readonly gate: Gate | undefined;
  readonly onChange: () => void;
}) {
  const { id, model, alias, version, gate, onChange } = props;
  const { value: details, error } = useLoaded(`version ${model} ${version}`, (client) => client.models.version(model, version));
  const [rules, setRules] = useState<readonly GateRule[]>(gate?.rules ?? []);
  const { run, isBusy, failure } = useAction();
  const [done, setDone] = useState('');
  useEffect(() => setRules(gate?.rules ?? []), [gate]);

  /** Changes the gate as it is now: somebody else may have set other rules since the page loaded. */
  function change(edit: (rules: readonly GateRule[]) => readonly GateRule[]): void {
    setDone('');
    void run(async () => {
      const present = await client.models.getAlias(model, alias);
      const next = edit(present.gate?.rules ?? []);
      if (next.length === 0) await client.models.deleteGate(model, alias);
      else await client.models.setGate(model, alias, { rules: [...next] });
      setRules(next);
      setDone(next.length === 0 ? text.gate.removed(alias) : text.gate.set(alias, next.length));
      onChange();
    });
  }

  return (
    <section id={id} class="gate column" aria-label={text.gate.title(alias)}>
      <p class="muted small">{text.gate.about(alias)}</p>
      {rules.length > 0 && (
        <ul class="column">
          {rules.map((rule) => (
            <li key={describeRule(rule)} class="row">
              <span class="grow">{describeRule(rule)}</span>
              <button
                type="button"
                class="button quiet"
                disabled={isBusy}
                onClick={() => change((present) => withoutRule(present, rule))}
              >
                {text.gate.remove} <span class="visually-hidden">{describeRule(rule)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {details === undefined ? (
        <Unloaded error={error} lines={1} />
      ) : (
        <RuleForm
          id={id}
          metrics={gateMetricsOf(details.card.task)}
          isBusy={isBusy}
          onAdd={(rule) => change((present) => withRule(present, rule))}
          actionFor={(rule) => gateAction(model, alias, withRule(rules, rule))}
        />
      )}
      {failure !== undefined && <Problem error={failure} />}
      <p class="up small" role="status">
        {done}
      </p>
    </section>
  );
}

/** A rule that a gate has already is not added again. */
function withRule(rules: readonly GateRule[], rule: GateRule): readonly GateRule[] {
  const isSame = (other: GateRule) => describeRule(other) === describeRule(rule);
  return rules.some(isSame) ? rules : [...rules, rule];
}

function withoutRule(rules: readonly GateRule[], rule: GateRule): readonly GateRule[] {
  return rules.filter((other) => describeRule(other) !== describeRule(rule));
}

function RuleForm(props: {
  readonly id: string;
  readonly metrics: readonly GateMetric[];
  readonly isBusy: boolean;
  readonly onAdd: (rule: GateRule) => void;
  readonly actionFor: (rule: GateRule) => ReturnType<typeof gateAction>;
}) {
  const { id, metrics, isBusy, onAdd, actionFor } = props;
  const [metric, setMetric] = useState<GateMetric>('macroF1');
  const [label, setLabel] = useState<string>();
  const [wanted, setWanted] = useState<Limit>('interval');
  const [value, setValue] = useState('');
  const limits = limitsOf(metric);
  const limit = limits.includes(wanted) ? wanted : limits[0];
  const rule = limit === undefined ? undefined : ruleOf({ metric, label, limit, value });
  const isInvalid = rule === undefined && value !== '' && label !== '';
  const unit = !isShare(metric) ? text.gate.units.value : limit === 'loss' ? text.gate.units.points : text.gate.units.percent;

  return (
    <form
      class="row fields"
      onSubmit={(event) => {
        event.preventDefault();
        if (rule !== undefined && !isBusy) onAdd(rule);
      }}
    >
      <Choice label={text.gate.metric} value={metric} options={metrics} nameOf={metricName} onChange={setMetric} />
      {isOfClass(metric) && (
        <Choice
          label={text.gate.classes}
          value={label === undefined ? 'each' : 'one'}
          options={['each', 'one']}
          nameOf={(which) => text.gate.which[which]}
          onChange={(which) => setLabel(which === 'each' ? undefined : '')}
        />
      )}
      {isOfClass(metric) && label !== undefined && (
        <input
          class="input"
          aria-label={text.gate.label}
          placeholder={text.gate.label}
          value={label}
          onInput={(event) => setLabel(event.currentTarget.value)}
        />
      )}
      {limit !== undefined && (
        <Choice
          label={text.gate.limit}
          value={limit}
          options={limits}
          nameOf={(each) => text.gate.limits[each]}
          onChange={setWanted}
        />
      )}
      {limit !== 'interval' && (
        <span class="row">
          <input
            class="input short"
            inputMode="decimal"
            autocomplete="off"
            aria-label={unit.name}
            aria-invalid={isInvalid}
            aria-describedby={isInvalid ? `${id}-rule` : undefined}
            value={value}
            onInput={(event) => setValue(event.currentTarget.value)}
          />
          <span class="muted" aria-hidden="true">
            {unit.sign}
          </span>
        </span>
      )}
      <button type="submit" class="button" disabled={isBusy || rule === undefined}>
        {text.gate.add}
      </button>
      {rule !== undefined && <CopyAction action={actionFor(rule)} />}
      {isInvalid && (
        <p id={`${id}-rule`} class="down small">
          {isShare(metric) ? text.gate.invalid : text.gate.invalidValue}
        </p>
      )}
    </form>
  );
}

/** A list of choices, whose label is for screen readers: beside others, its options say what it is. */
function Choice<Value extends string>(props: {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly Value[];
  readonly nameOf: (value: Value) => string;
  readonly onChange: (value: Value) => void;
}) {
  const { label, value, options, nameOf, onChange } = props;
  return (
    <select
      class="select narrow"
      aria-label={label}
      value={value}
      onChange={(event) => {
        const chosen = options.find((option) => option === event.currentTarget.value);
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      {options.map((option) => (
        <option key={option} value={option}>
          {nameOf(option)}
        </option>
      ))}
    </select>
  );
}

function gateAction(model: string, alias: string, rules: readonly GateRule[]) {
  const gate = JSON.stringify({ rules });
  return actionOf(apiAddress, {
    method: 'PUT',
    path: `/v1/models/${encodeURIComponent(model)}/aliases/${alias}/gate`,
    body: { rules },
    command: ['gate', `${model}:${alias}`, '--set', gate],
    call: `await client.models.setGate(${quoted(model)}, ${quoted(alias)}, ${gate});`,
  });
}
