import type { Gate } from '../contracts/gate.ts';
import type { AliasRecord } from '../contracts/model-http.ts';
import type { AliasMove, ModelRecord } from '../contracts/model-record.ts';
import { ConflictError, NotFoundError } from '../errors.ts';
import { ownEntry } from '../own-entry.ts';
import type { ObjectStore } from '../ports.ts';
import { gateOf, knownGateOf, withoutGate } from './gates.ts';
import { changeModel, LATEST, noVersion, previousLatest, REMEMBERED, readModel } from './registry.ts';

/** Maximum per model. All aliases are stored in the model's record, which API responses include. */
const MOST_ALIASES = 1_000;

/**
 * Decides whether an alias may move from its current target. `current` is undefined if the alias does not exist; it may
 * have a gate all the same.
 */
export type AliasCondition = (current: AliasRecord | undefined, gate: Gate | undefined) => boolean;

/**
 * Reads an alias of a model.
 * @throws NotFoundError MODEL_NOT_FOUND, ALIAS_NOT_FOUND
 */
export async function readAlias(name: string, alias: string, store: ObjectStore): Promise<AliasRecord> {
  const record = await readModel(name, store);
  return aliasOf(record, alias) ?? noAlias(record, alias);
}

/** The move of an alias to a version, as its history keeps it. */
export interface Promotion extends Pick<AliasMove, 'force' | 'verdict'> {
  readonly name: string;
  readonly alias: string;
  readonly version: number;
  readonly at: Date;
}

/**
 * Points an alias to a version by compare-and-swap, whatever its gate says. Of two concurrent calls with the same
 * condition, one succeeds.
 * @throws ConflictError PRECONDITION_FAILED if the condition does not hold, ALIASES_TOO_MANY; NotFoundError
 * MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND
 */
export async function setAlias(
  { name, alias, version, at, force, verdict }: Promotion,
  store: ObjectStore,
  condition: AliasCondition = () => true,
): Promise<AliasRecord> {
  const { after } = await changeModel(name, store, (current) => {
    const before = aliasOf(current, alias);
    if (!condition(before, gateOf(current, alias))) throw moved(name, alias, before);
    if (!current.versions.some((known) => known.version === version)) return noVersion(`${name}@${version}`, current);
    if (before?.version === version) return undefined;
    if (before === undefined && Object.keys(current.aliases).length >= MOST_ALIASES) throw tooMany(name, alias);
    const previous = before === undefined ? [] : [...before.previous, before.version].slice(-REMEMBERED);
    const move: AliasMove = {
      at: at.toISOString(),
      kind: 'promote',
      from: before?.version ?? null,
      to: version,
      ...(force && { force }),
      ...(verdict && { verdict }),
    };
    return pointing(current, alias, { version, previous, move });
  });
  return aliasOf(after, alias) ?? noAlias(after, alias);
}

/**
 * Points an alias back to its previous version.
 * @param request identifies the request, so that repeating it after a lost response has no further effect
 * @param expected the versions between which the alias may move; default: any
 * @throws ConflictError ALIAS_HAS_NO_PREVIOUS_VERSION, PRECONDITION_FAILED; NotFoundError MODEL_NOT_FOUND,
 * ALIAS_NOT_FOUND
 */
export async function rollBack(
  { name, alias, at }: Pick<Promotion, 'name' | 'alias' | 'at'>,
  store: ObjectStore,
  request?: string,
  expected: { readonly from?: number; readonly to?: number } = {},
): Promise<AliasRecord> {
  const { after } = await changeModel(name, store, (current) => {
    const found = aliasOf(current, alias) ?? noAlias(current, alias);
    const { previous, version } = found;
    const requests = requestsOf(current, alias);
    if (request !== undefined && requests.includes(request)) return undefined;
    const before = previous.at(-1);
    const { from = version, to = before } = expected;
    if (from !== version || to !== before) throw moved(name, alias, found);
    if (before !== undefined) {
      const remembered = request === undefined ? requests : [...requests, request].slice(-REMEMBERED);
      const rolledBackBy = { ...current.rolledBackBy, [alias]: remembered };
      const move: AliasMove = { at: at.toISOString(), kind: 'rollback', from: version, to: before };
      return { ...pointing(current, alias, { version: before, previous: previous.slice(0, -1), move }), rolledBackBy };
    }
    throw new ConflictError('ALIAS_HAS_NO_PREVIOUS_VERSION', {
      at: `${name}:${alias}`,
      expected: 'an alias that has pointed to another version that still exists',
      received: 'an alias without one',
      fix: `point it to a version: graft promote ${name}@VERSION ${alias}`,
    });
  });
  return aliasOf(after, alias) ?? noAlias(after, alias);
}

/**
 * Deletes an alias with its history and its gate.
 * @throws ConflictError ALIAS_REQUIRED for `latest`; NotFoundError ALIAS_NOT_FOUND
 */
export async function deleteAlias(name: string, alias: string, store: ObjectStore): Promise<ModelRecord> {
  if (alias === LATEST) {
    throw new ConflictError('ALIAS_REQUIRED', {
      at: `${name}:${alias}`,
      expected: 'another alias',
      fix: 'delete the model instead',
    });
  }
  const { after } = await changeModel(name, store, (current) => {
    if (aliasOf(current, alias) === undefined) return noAlias(current, alias);
    const { [alias]: _, ...aliases } = current.aliases;
    const { [alias]: __, ...previous } = current.previous ?? {};
    const { [alias]: ___, ...rolledBackBy } = current.rolledBackBy ?? {};
    const { [alias]: ____, ...history } = current.history ?? {};
    return { ...withoutGate(current, alias), aliases, previous, rolledBackBy, history };
  });
  return after;
}

function aliasOf(record: ModelRecord, alias: string): AliasRecord | undefined {
  const { name, aliases, previous = {}, history = {} } = record;
  const version = ownEntry(aliases, alias);
  if (version === undefined) return undefined;
  const before = alias === LATEST ? previousLatest(record) : (ownEntry(previous, alias) ?? []);
  const moves = ownEntry(history, alias) ?? [];
  // A rollback does not depend on the gate.
  const gate = knownGateOf(record, alias);
  return { model: name, alias, version, previous: before, history: moves, ...(gate && { gate }) };
}

/** Returns the requests that rolled an alias back, newest last. */
function requestsOf({ rolledBackBy = {} }: ModelRecord, alias: string): string[] {
  const known = ownEntry(rolledBackBy, alias);
  return typeof known === 'string' ? [known] : (known ?? []);
}

function pointing(
  record: ModelRecord,
  alias: string,
  { version, previous, move }: { readonly version: number; readonly previous: number[]; readonly move: AliasMove },
): ModelRecord {
  const { history = {} } = record;
  const moves = ownEntry(history, alias) ?? [];
  return {
    ...record,
    aliases: { ...record.aliases, [alias]: version },
    previous: { ...record.previous, [alias]: previous },
    history: { ...history, [alias]: [...moves, move].slice(-REMEMBERED) },
  };
}

function tooMany(name: string, alias: string): ConflictError {
  return new ConflictError('ALIASES_TOO_MANY', {
    at: `${name}:${alias}`,
    expected: `at most ${MOST_ALIASES} aliases of a model`,
    received: 'one more',
    fix: 'delete an unused alias',
  });
}

function moved(name: string, alias: string, current: AliasRecord | undefined): ConflictError {
  return new ConflictError('PRECONDITION_FAILED', {
    at: `${name}:${alias}`,
    expected: 'the version that you read',
    received: current === undefined ? 'no such alias' : describeTarget(current),
    fix: 'read the alias again, then retry',
  });
}

/** Where an alias points, and where a rollback would point it. */
function describeTarget({ version, previous }: AliasRecord): string {
  const before = previous.at(-1);
  return before === undefined ? `version ${version}` : `version ${version}, with ${before} before it`;
}

function noAlias({ name, aliases }: ModelRecord, alias: string): never {
  throw new NotFoundError('ALIAS_NOT_FOUND', {
    at: `${name}:${alias}`,
    expected: `one of ${Object.keys(aliases).slice(0, 20).join(', ')}`,
    received: alias,
    fix: 'name an alias that exists',
  });
}
