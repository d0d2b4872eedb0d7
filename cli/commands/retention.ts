import type { ModelRetention, Retention } from '../../lib/contracts/retention.ts';
import { UsageError } from '../../lib/errors.ts';
import { counted, few } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, table } from '../output.ts';

export interface RetentionOptions extends Partial<Retention> {
  readonly off?: boolean;
  readonly dryRun?: boolean;
}

/** Versions that the text names, each time that it names one. */
const MOST_NAMED = 20;

/**
 * graft retention NAME: shows which versions of a model stay; with --newest or --days it sets them, or with --dry-run
 * shows what they would remove; with --off all versions stay.
 * @throws UsageError USAGE; NotFoundError MODEL_NOT_FOUND
 */
export async function retention(
  name: string,
  { off, dryRun, ...given }: RetentionOptions,
  { client: { models } }: Context,
  output: Output,
): Promise<number> {
  const isSet = Object.keys(given).length > 0;
  if (off && (isSet || dryRun)) {
    throw new UsageError('USAGE', { expected: '--off alone', received: 'other flags, too', fix: 'leave one of them out' });
  }
  const read = () => models.getRetention(name, given);
  const found = off ? await models.endRetention(name) : isSet && !dryRun ? await models.setRetention(name, given) : await read();
  output.result(found, describeRetention(found, { isDryRun: dryRun === true }));
  return EXIT.done;
}

/** Says which versions a setting keeps and removes. @param isDryRun whether the setting is only tried */
export function describeRetention(found: ModelRetention, { isDryRun }: { readonly isDryRun: boolean }): string {
  const { model, retention: setting, expired, inUse, removed } = found;
  const past = removed.length === 0 ? [] : [`Removed before: ${named(removed.toReversed().map(({ version }) => version))}.`];
  if (setting === null) {
    const preview = `graft retention ${model} --newest 10 --days 30 --dry-run`;
    return [`All versions of ${model} stay. See what a setting would remove:\n  ${preview}`, ...past].join('\n');
  }
  const { newest, days } = setting;
  const going = isDryRun ? 'Would be removed' : 'The next daily collection removes';
  return [
    [
      `Which versions of ${model} ${isDryRun ? 'would stay' : 'stay'}: the newest ${newest}`,
      ...(days === 0 ? [] : [`all of the last ${counted(days, 'day')}`]),
      'and all in use.',
    ].join(', '),
    expired.length === 0 ? 'No other version can be removed now.' : `${going}: ${named(expired)}.`,
    ...(inUse.length === 0 ? [] : ['Older versions in use stay:', table(inUse.slice(0, MOST_NAMED).map(describeUse))]),
    ...(inUse.length > MOST_NAMED ? [`  and ${inUse.length - MOST_NAMED} more`] : []),
    ...past,
    ...(isDryRun ? ['Nothing has changed.'] : expired.length === 0 ? [] : [`Keep them all:\n  graft retention ${model} --off`]),
  ].join('\n');
}

const USES = {
  alias: (by: string) => `alias ${by}`,
  rollback: (by: string) => `rollback of ${by}`,
  backbone: (by: string) => `backbone of ${by}`,
  job: (by: string) => by,
  predictions: (by: string) => `kept predictions since ${by}`,
} as const;

function describeUse({ version, uses }: ModelRetention['inUse'][number]): string[] {
  return [`  @${version}`, uses.map(({ kind, by }) => USES[kind](by)).join(', ')];
}

function named(versions: readonly number[]): string {
  return few(
    versions.map((version) => `@${version}`),
    MOST_NAMED,
  );
}
