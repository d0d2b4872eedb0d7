import { z } from 'zod';
import { Gate } from '../contracts/gate.ts';
import type { ModelRecord } from '../contracts/model-record.ts';
import { ConflictError, NotFoundError, RuntimeError } from '../errors.ts';
import { ownEntry } from '../own-entry.ts';
import type { ObjectStore } from '../ports.ts';
import { changeModel, readModel } from './registry.ts';

/** Maximum per model. All gates are stored in the model's record, which every prediction reads. */
const MOST_GATES = 1_000;

/**
 * Finds the gate of an alias in a model's record. The alias need not exist.
 * @throws RuntimeError GATE_VERSION_UNSUPPORTED
 */
export function gateOf({ name, gates = {} }: ModelRecord, alias: string): Gate | undefined {
  const stored = ownEntry(gates, alias);
  if (stored === undefined) return undefined;
  const { success, data, error } = Gate.safeParse(stored);
  if (success) return data;
  throw new RuntimeError('GATE_VERSION_UNSUPPORTED', {
    at: `${name}:${alias}`,
    expected: 'a gate as this version of Graft writes it',
    received: z.prettifyError(error),
    fix: 'use the version of Graft that set the gate, or set it again',
  });
}

/** Finds the gate of an alias in a model's record, if this version of Graft can read it. */
export function knownGateOf({ gates = {} }: ModelRecord, alias: string): Gate | undefined {
  return Gate.safeParse(ownEntry(gates, alias)).data;
}

/**
 * Reads the gate of an alias.
 * @throws NotFoundError MODEL_NOT_FOUND, GATE_NOT_FOUND; RuntimeError GATE_VERSION_UNSUPPORTED
 */
export async function readGate(name: string, alias: string, store: ObjectStore): Promise<Gate> {
  return gateOf(await readModel(name, store), alias) ?? noGate(name, alias);
}

/**
 * Stores the gate of an alias, which need not exist yet, and replaces an earlier one. Does not check its rules: see
 * lib/promotion.
 * @throws NotFoundError MODEL_NOT_FOUND; ConflictError GATES_TOO_MANY
 */
export async function writeGate(name: string, alias: string, gate: Gate, store: ObjectStore): Promise<void> {
  await changeModel(name, store, (record) => {
    const { gates = {} } = record;
    if (ownEntry(gates, alias) === undefined && Object.keys(gates).length >= MOST_GATES) throw tooMany(name, alias);
    return { ...record, gates: { ...gates, [alias]: gate } };
  });
}

/**
 * Removes the gate of an alias, also one that this version of Graft cannot read.
 * @throws NotFoundError MODEL_NOT_FOUND, GATE_NOT_FOUND
 */
export async function deleteGate(name: string, alias: string, store: ObjectStore): Promise<ModelRecord> {
  const { after } = await changeModel(name, store, (record) => {
    if (ownEntry(record.gates ?? {}, alias) === undefined) return noGate(name, alias);
    return withoutGate(record, alias);
  });
  return after;
}

/** A model's record without the gate of an alias. */
export function withoutGate(record: ModelRecord, alias: string): ModelRecord {
  if (record.gates === undefined) return record;
  const { [alias]: _, ...gates } = record.gates;
  return { ...record, gates };
}

function tooMany(name: string, alias: string): ConflictError {
  return new ConflictError('GATES_TOO_MANY', {
    at: `${name}:${alias}`,
    expected: `at most ${MOST_GATES} gates of a model`,
    received: 'one more',
    fix: `remove an unused gate: graft gate ${name}:ALIAS --remove`,
  });
}

function noGate(name: string, alias: string): never {
  throw new NotFoundError('GATE_NOT_FOUND', {
    at: `${name}:${alias}`,
    expected: 'an alias with a gate',
    received: 'one without',
    fix: `set one: graft gate ${name}:${alias} --set FILE`,
  });
}
