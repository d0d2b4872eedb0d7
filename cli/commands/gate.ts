import { type ParseError, parse } from 'jsonc-parser';
import { parseContract } from '../../lib/contracts/explain/contract-error.ts';
import { Gate } from '../../lib/contracts/gate.ts';
import { parseReference } from '../../lib/contracts/reference.ts';
import { UsageError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { describeGate } from '../describe/describe-alias.ts';
import { EXIT, type Output } from '../output.ts';
import { readJsonc } from './read-spec.ts';

export interface GateOptions {
  /** JSON, or a file. */
  readonly set?: string;
  readonly remove?: boolean;
}

/**
 * graft gate NAME:ALIAS: shows the gate of an alias; --set stores one, --remove removes it. @throws UsageError
 * ALIAS_EXPECTED, FILE_UNREADABLE; SpecError JSON_INVALID, REQUEST_INVALID, UNKNOWN_KEY
 */
export async function gate(ref: string, { set, remove }: GateOptions, { client }: Context, output: Output): Promise<number> {
  const { name, alias } = parseReference(ref) ?? {};
  if (name === undefined || alias === undefined) {
    throw new UsageError('ALIAS_EXPECTED', {
      at: ref,
      expected: 'an alias of a model: NAME:ALIAS',
      received: ref,
      fix: 'name the alias, such as flowers:prod',
    });
  }
  if (set !== undefined && remove) {
    throw new UsageError('USAGE', { expected: '--set or --remove', received: 'both', fix: 'leave one of them out' });
  }
  if (remove) {
    await client.models.deleteGate(name, alias);
    output.result({ model: name, alias, gate: null }, `${name}:${alias} has no gate any more.`);
    return EXIT.done;
  }
  const stored =
    set === undefined ? await client.models.getGate(name, alias) : await client.models.setGate(name, alias, await readGate(set));
  const next = `The alias moves only to a version that meets all of this. Try the latest one:\n  graft promote ${name} ${alias}`;
  output.result(stored, `Gate of ${name}:${alias}:\n${describeGate(stored.gate)}\n${next}`);
  return EXIT.done;
}

/** @param given JSON, or the path of a file with JSON, comments allowed */
async function readGate(given: string): Promise<Gate> {
  const errors: ParseError[] = [];
  const value: unknown = given.trimStart().startsWith('{') ? parse(given, errors) : await readJsonc(given);
  if (errors.length > 0) {
    throw new UsageError('USAGE', { at: '--set', expected: 'valid JSON, or a file', received: given, fix: 'correct the JSON' });
  }
  return parseContract(Gate, value, { page: 'docs/registry.md' });
}
