import { z } from 'zod';
import { withRules } from '../../lib/contracts/explain/with-rules.ts';
import { Name } from '../../lib/contracts/names.ts';
import { ModelRetention, Retention, VersionUse } from '../../lib/contracts/retention.ts';
import { describeRetention } from '../commands/retention.ts';
import { defineTool } from './tool.ts';

/** Entries of each list; each list that may be longer has its total beside it. */
const MOST_ENTRIES = 20;

const { newest, days } = Retention.shape;
const model = Name.describe('The name of a model');
/** A preview and a setting: the API completes both alike, so that what was previewed is what is set. */
const Wanted = z.strictObject({
  model,
  newest: newest
    .unwrap()
    .optional()
    .describe(`Number of the newest versions that stay, whatever their age. With days alone: ${newest.def.defaultValue}.`),
  days: days
    .unwrap()
    .optional()
    .describe(`Days that every version stays after its publication. With newest alone: ${days.def.defaultValue}.`),
});

const RetentionView = z.strictObject({
  ...ModelRetention.pick({ model: true, retention: true, removed: true }).shape,
  removedCount: z.int(),
  /** What the next daily collection removes. */
  expired: z.array(z.int()),
  expiredCount: z.int(),
  /** Versions that would expire, but are in use. */
  inUse: z.array(z.strictObject({ version: z.int(), uses: z.array(VersionUse), useCount: z.int() })),
  inUseCount: z.int(),
});

const getRetention = defineTool({
  name: 'get_retention',
  title: 'Show retention',
  description:
    'Shows which versions of a model stay, which ones the next daily collection removes, and what keeps others. With newest ' +
    'or days: what this setting would do. Changes nothing.',
  input: Wanted,
  output: RetentionView,
  async run({ model: name, ...wanted }, { context: { client } }) {
    const found = await client.models.getRetention(name, wanted);
    const isDryRun = Object.values(wanted).some((value) => value !== undefined);
    return { value: viewOf(found), text: describeRetention(found, { isDryRun }) };
  },
});

const setRetention = defineTool({
  name: 'set_retention',
  title: 'Set retention',
  description:
    'Sets which versions of a model stay. The next daily collection removes the others for good, unless something uses them: ' +
    'call get_retention with the same setting first, and show its result to the user.',
  input: withRules(Wanted, {
    expected: 'newest, days or both',
    holds: ({ newest, days }) => newest !== undefined || days !== undefined,
  }),
  output: RetentionView,
  changes: { destructive: true, idempotent: true },
  async run({ model: name, ...wanted }, { context: { client } }) {
    const found = await client.models.setRetention(name, wanted);
    return { value: viewOf(found), text: describeRetention(found, { isDryRun: false }) };
  },
});

const endRetention = defineTool({
  name: 'end_retention',
  title: 'Keep all versions',
  description: 'Keeps all versions of a model from now on. Versions that were removed before stay removed.',
  input: z.strictObject({ model }),
  output: RetentionView,
  changes: { destructive: false, idempotent: true },
  async run({ model: name }, { context: { client } }) {
    const found = await client.models.endRetention(name);
    return { value: viewOf(found), text: describeRetention(found, { isDryRun: false }) };
  },
});

function viewOf({ model: name, retention, expired, inUse, removed }: ModelRetention): z.infer<typeof RetentionView> {
  return {
    model: name,
    retention,
    removed: removed.slice(-MOST_ENTRIES),
    removedCount: removed.length,
    expired: expired.slice(0, MOST_ENTRIES),
    expiredCount: expired.length,
    inUse: inUse
      .slice(0, MOST_ENTRIES)
      .map(({ version, uses }) => ({ version, uses: uses.slice(0, MOST_ENTRIES), useCount: uses.length })),
    inUseCount: inUse.length,
  };
}

/** The tools for the retention of versions. */
export const retentionTools = [getRetention, setRetention, endRetention];
