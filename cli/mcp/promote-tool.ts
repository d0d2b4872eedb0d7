import { z } from 'zod';
import { AliasMove, Force } from '../../lib/contracts/model-record.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { ModelRef } from '../../lib/contracts/reference.ts';
import { userName } from '../commands/aliases.ts';
import { findModelVersion } from '../model-ref.ts';
import { defineTool } from './tool.ts';

/** Points an alias to a version that passes the alias's gate. */
export const promoteTool = defineTool({
  name: 'promote',
  title: 'Promote a version',
  description:
    'Points an alias to a version: from then on NAME:ALIAS is this version. The version must pass the gate of the alias, if ' +
    'it has one. To undo it, promote the version of `before`.',
  input: z.strictObject({
    ref: ModelRef.describe('The version: NAME@VERSION, or NAME for the latest one'),
    alias: Alias.describe('Such as prod'),
    force: z
      .strictObject({ reason: Force.shape.reason })
      .optional()
      .describe("Promotes the version even if it does not pass the gate. Only at the user's request, with the reason."),
  }),
  output: z.strictObject({
    model: Name,
    alias: Alias,
    version: z.int(),
    before: z.int().nullable().describe('The version before; null if the alias did not exist.'),
    ...AliasMove.pick({ verdict: true, force: true }).shape,
  }),
  changes: { destructive: true, idempotent: true },
  async run({ ref, alias, force }, { context: { client } }) {
    const { record, version: found } = await findModelVersion(ref, client);
    const { name: model } = record;
    const { version } = found;
    const before = record.aliases[alias] ?? null;
    const by = `${userName()} with graft mcp`.slice(-100);
    const { history = [] } = await client.models.setAlias(model, alias, {
      version,
      ...(force && { force: { by, reason: force.reason } }),
    });
    const isMoved = before !== version;
    // The history has no entry of this call if the alias pointed to the version before.
    const move = isMoved ? history.findLast(({ to }) => to === version) : undefined;
    const was = !isMoved ? ', as before.' : before === null ? '.' : `. It was ${model}@${before}.`;
    return {
      value: { model, alias, version, before, verdict: move?.verdict, force: move?.force },
      text: `${model}:${alias} is ${model}@${version}${was}`,
    };
  },
});
