import type { Context } from '../context.ts';
import { findModelVersion } from '../model-ref.ts';
import { EXIT, type Output } from '../output.ts';

/** graft promote REF ALIAS: from now on NAME:ALIAS is this version. */
export async function promote(ref: string, alias: string, { client }: Context, output: Output): Promise<number> {
  const { record, version } = await findModelVersion(ref, client);
  const before = record.aliases[alias];
  const pointed = await client.models.setAlias(record.name, alias, { version: version.version });
  const was = before === undefined ? '' : before === version.version ? ', as before' : `; it was ${record.name}@${before}`;
  const back = before === undefined || before === version.version ? [] : [`Go back:\n  graft rollback ${record.name} ${alias}`];
  output.result(
    pointed,
    [
      `${record.name}:${alias} is ${record.name}@${version.version}${was}.`,
      `Predict with it:\n  graft predict ${record.name}:${alias} IMAGE...`,
      ...back,
    ].join('\n'),
  );
  return EXIT.done;
}

/** graft rollback NAME ALIAS: points the alias back to its previous version. */
export async function rollback(name: string, alias: string, { client }: Context, output: Output): Promise<number> {
  const pointed = await client.models.rollback(name, alias);
  output.result(pointed, `${name}:${alias} is ${name}@${pointed.version} again.\nList its versions:\n  graft models`);
  return EXIT.done;
}
