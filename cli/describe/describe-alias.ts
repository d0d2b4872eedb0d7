import { expectationOf } from '../../lib/contracts/describe-gate-rule.ts';
import type { Gate, GateRule } from '../../lib/contracts/gate.ts';
import type { AliasRecord } from '../../lib/contracts/model-http.ts';
import type { AliasMove } from '../../lib/contracts/model-record.ts';
import { table } from '../output.ts';

/** Moves of the text, newest first. */
const MOST_MOVES = 10;

/** The gate and the history of an alias. */
export function describeAlias({ model, alias, gate, history = [] }: AliasRecord): string {
  const moves = history.toReversed().slice(0, MOST_MOVES).map(describeMove);
  return [
    gate === undefined ? `${model}:${alias} has no gate.` : `Gate of ${model}:${alias}:\n${describeGate(gate)}`,
    ...(moves.length === 0 ? [] : [`History of ${model}:${alias}:`, table(moves)]),
  ].join('\n');
}

/** One line for each rule. */
export function describeGate({ rules }: Gate): string {
  return rules.map((rule) => `  ${describeRule(rule)}`).join('\n');
}

function describeRule(rule: GateRule): string {
  const { metric, label, perClass } = rule;
  const subject = perClass ? `${metric} of each class` : label === undefined ? metric : `${metric} of ${label}`;
  return `${subject}: ${expectationOf(rule)}`;
}

function describeMove({ at, kind, from, to, force, verdict }: AliasMove): string[] {
  const what = `  ${from === null ? 'created' : kind === 'rollback' ? 'rolled back' : 'promoted'}`;
  const verdictText =
    verdict === undefined ? '' : verdict.passed ? 'passed the gate' : `failed the gate: ${verdict.failures[0]?.rule}`;
  const forced = force === undefined ? '' : `forced by ${force.by}: ${force.reason}`;
  return [what, `${from === null ? '' : `@${from} -> `}@${to}`, at, [verdictText, forced].filter(Boolean).join('; ')];
}
