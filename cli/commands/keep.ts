import { FEWEST_KEPT } from '../../lib/contracts/drift.ts';
import type { Keeping, ModelKeeping } from '../../lib/contracts/keeping.ts';
import { UsageError } from '../../lib/errors.ts';
import { count, counted, percent } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output } from '../output.ts';

export interface KeepOptions extends Partial<Keeping> {
  readonly off?: boolean;
}

/**
 * graft keep NAME: shows which predictions a model keeps; with --share, --per-day, --images or --days it keeps them, or
 * changes these parts of the setting; with --off it keeps none.
 * @throws UsageError USAGE; NotFoundError MODEL_NOT_FOUND
 */
export async function keep(name: string, { off, ...given }: KeepOptions, context: Context, output: Output): Promise<number> {
  const { models } = context.client;
  const isSet = Object.keys(given).length > 0;
  if (off && isSet) {
    throw new UsageError('USAGE', { expected: '--off alone', received: 'other flags, too', fix: 'leave one of them out' });
  }
  if (off) {
    const ended = await models.endKeeping(name);
    context.wakeWorker();
    output.result(ended, `${name} keeps no predictions any more. The garbage collector removes those that it has kept.`);
    return EXIT.done;
  }
  const keeping = isSet ? await change(name, given, context) : await models.getKeeping(name);
  output.result(keeping, describeKeeping(keeping));
  return EXIT.done;
}

/** What was not given stays as it is: the API replaces the whole setting. */
async function change(name: string, given: Partial<Keeping>, { client: { models } }: Context): Promise<ModelKeeping> {
  const { since: _, ...current } = (await models.getKeeping(name)).keeping ?? {};
  return models.setKeeping(name, { ...current, ...given });
}

function describeKeeping({ model, keeping }: ModelKeeping): string {
  if (keeping === null) return `${model} keeps no predictions. Keep a tenth of them:\n  graft keep ${model} --share 0.1`;
  const { share, perDay, images, days, since } = keeping;
  const what = images ? 'predictions with their images' : 'predictions without images';
  return (
    `Since ${since}, ${model} keeps ${percent(share)} of its ${what}, at most ${count(perDay)} of each version a day, for ` +
    `${counted(days, 'day')}.\nAfter ${count(FEWEST_KEPT)} predictions of a version, compare them with those on its test images:\n` +
    `  graft drift ${model}\nKeep no more, and remove what was kept:\n  graft keep ${model} --off`
  );
}
