import type { Gate } from '../contracts/gate.ts';
import type { GateVerdict } from '../contracts/gate-verdict.ts';
import type { AliasRecord } from '../contracts/model-http.ts';
import type { Force } from '../contracts/model-record.ts';
import { ConflictError } from '../errors.ts';
import { type AliasCondition, setAlias } from '../models/aliases.ts';
import { gateOf } from '../models/gates.ts';
import { readModel, resolveModel } from '../models/registry.ts';
import { ownEntry } from '../own-entry.ts';
import type { World } from '../ports.ts';
import { evaluateGate } from './evaluate-gate.ts';

/** Evaluations of the gate while others keep moving the alias. */
const MOST_EVALUATIONS = 5;

/** The failures that the alias's history keeps. */
const MOST_REMEMBERED = 5;

export interface PromotionRequest {
  readonly name: string;
  readonly alias: string;
  readonly version: number;
  /** Moves the alias even if the version does not pass the gate. */
  readonly force?: Force | undefined;
}

/**
 * Points an alias to a version if the version passes the alias's gate, and keeps the move in the alias's history. The
 * verdict counts for the two versions that it compared: if the alias or its gate changes meanwhile, the gate is
 * evaluated again.
 * @param condition further conditions, such as the version that the caller has read
 * @throws ConflictError GATE_FAILED, PRECONDITION_FAILED, ALIASES_TOO_MANY; NotFoundError MODEL_NOT_FOUND,
 * MODEL_VERSION_NOT_FOUND; RuntimeError GATE_VERSION_UNSUPPORTED
 */
export async function promote(
  { name, alias, version, force }: PromotionRequest,
  { store, clock }: Pick<World, 'store' | 'clock'>,
  condition: AliasCondition = () => true,
): Promise<AliasRecord> {
  for (let evaluation = 1; ; evaluation++) {
    const record = await readModel(name, store);
    const from = ownEntry(record.aliases, alias);
    const gate = gateOf(record, alias);
    const verdict = gate && from !== version ? await evaluateVersion({ name, from, version, gate }, store) : undefined;
    // setAlias throws if the condition does not hold, so its result cannot say why. Each run of the condition sets this
    // first, so that the last run counts.
    let isStale = false;
    const holds: AliasCondition = (current, currentGate) => {
      isStale = current?.version !== from || JSON.stringify(currentGate) !== JSON.stringify(gate);
      if (isStale || !condition(current, currentGate)) return false;
      if (verdict !== undefined && !verdict.passed && force === undefined) throw failed({ name, alias, version, from }, verdict);
      return true;
    };
    try {
      const remembered = verdict && { ...verdict, failures: verdict.failures.slice(0, MOST_REMEMBERED) };
      const move = { name, alias, version, at: clock.now(), ...(force && { force }), ...(remembered && { verdict: remembered }) };
      return await setAlias(move, store, holds);
    } catch (error) {
      if (!isStale || evaluation === MOST_EVALUATIONS) throw error;
    }
  }
}

async function evaluateVersion(
  { name, from, version, gate }: Pick<PromotionRequest, 'name' | 'version'> & { from: number | undefined; gate: Gate },
  store: World['store'],
): Promise<GateVerdict> {
  const after = await resolveModel(`${name}@${version}`, store);
  const before = from === undefined ? undefined : await resolveModel(`${name}@${from}`, store);
  return evaluateGate(gate, { before, after }, store);
}

function failed(
  { name, alias, version, from }: Pick<PromotionRequest, 'name' | 'alias' | 'version'> & { from: number | undefined },
  { failures, failureCount, images }: GateVerdict,
): ConflictError {
  const against = from === undefined ? '' : ` against ${name}@${from}`;
  const compare =
    from === undefined ? 'train a better version' : `compare them with graft model-diff ${name}@${from} ${name}@${version}`;
  return new ConflictError('GATE_FAILED', {
    at: `${name}:${alias}`,
    expected: `a version that passes the gate of the alias${against} on ${images} images`,
    received: failures.map(({ rule, expected, received }) => `${rule}: expected ${expected}, received ${received}`),
    omitted: failureCount - failures.length,
    fix: `${compare}, or promote it with --force --reason TEXT`,
  });
}
