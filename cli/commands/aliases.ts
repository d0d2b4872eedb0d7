import { userInfo } from 'node:os';
import type { AliasRecord } from '../../lib/contracts/model-http.ts';
import type { Force } from '../../lib/contracts/model-record.ts';
import { UsageError } from '../../lib/errors.ts';
import { counted } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { findModelVersion } from '../model-ref.ts';
import { EXIT, type Output } from '../output.ts';

export interface PromoteOptions {
  readonly ref: string;
  readonly alias: string;
  /** Promotes a version that does not pass the gate. */
  readonly force?: boolean;
  /** Why. */
  readonly reason?: string;
}

/** graft promote REF ALIAS: from now on NAME:ALIAS is this version. @throws UsageError FORCE_WITHOUT_REASON */
export async function promote({ ref, alias, ...options }: PromoteOptions, { client }: Context, output: Output): Promise<number> {
  const force = forceOf(options);
  const { record, version } = await findModelVersion(ref, client);
  const before = record.aliases[alias];
  const pointed = await client.models.setAlias(record.name, alias, { version: version.version, ...(force && { force }) });
  const was = before === undefined ? '' : before === version.version ? ', as before' : `; it was ${record.name}@${before}`;
  const isMoved = before !== version.version;
  const back = before === undefined || !isMoved ? [] : [`Go back:\n  graft rollback ${record.name} ${alias}`];
  output.result(
    pointed,
    [
      `${record.name}:${alias} is ${record.name}@${version.version}${was}.`,
      ...(isMoved ? describeVerdict(pointed) : []),
      `Predict with it:\n  graft predict ${record.name}:${alias} IMAGE...`,
      ...back,
    ].join('\n'),
  );
  return EXIT.done;
}

/** What the gate said of the last move, if the alias has one. */
function describeVerdict({ history = [] }: AliasRecord): string[] {
  const { verdict } = history.at(-1) ?? {};
  if (verdict === undefined) return [];
  const images = counted(verdict.images, 'image');
  return [verdict.passed ? `It passed the gate on ${images}.` : `It failed the gate on ${images}, and was promoted by force.`];
}

function forceOf({ force = false, reason }: Pick<PromoteOptions, 'force' | 'reason'>): Force | undefined {
  if (force !== (reason !== undefined)) {
    throw new UsageError('FORCE_WITHOUT_REASON', {
      at: '--force',
      expected: '--force and --reason together',
      received: force ? 'no reason' : 'a reason without --force',
      fix: 'graft promote REF ALIAS --force --reason TEXT',
    });
  }
  return reason === undefined ? undefined : { by: userName(), reason };
}

/** Who is logged in on this machine; a container may have no name for its user. */
export function userName(): string {
  try {
    return userInfo().username || 'unknown';
  } catch {
    return 'unknown';
  }
}

/** graft rollback NAME [ALIAS]: points the alias, by default `latest`, back to its previous version. */
export async function rollback(name: string, alias: string | undefined, { client }: Context, output: Output): Promise<number> {
  const pointed = await client.models.rollback(name, alias ?? 'latest');
  output.result(pointed, `${name}:${pointed.alias} is ${name}@${pointed.version} again.\nList its versions:\n  graft models`);
  return EXIT.done;
}
