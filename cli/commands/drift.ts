import type { Drift, DriftTest } from '../../lib/contracts/drift.ts';
import type { Context } from '../context.ts';
import { counted, EXIT, type Output, percent, table } from '../output.ts';

/** Classes of the text, those that changed most. */
const MOST_CLASSES = 10;

const TITLES: Readonly<Record<DriftTest['of'], string>> = {
  classes: 'predicted classes',
  confidence: 'confidence',
  unknownScore: 'novelty score',
};

/**
 * graft drift REF: how the predictions that a version has kept differ from those on its test images. @throws
 * ConflictError KEPT_PREDICTIONS_TOO_FEW
 */
export async function drift(ref: string, { days }: { days?: number }, { client }: Context, output: Output): Promise<number> {
  const measured = await client.models.drift(ref, { days });
  output.result(measured, describeDrift(measured));
  return EXIT.done;
}

function describeDrift(drift: Drift): string {
  const { model, version, drifted, kept, evaluated, limits, tests, omitted, classes, unknown, days } = drift;
  const images = evaluated.part === 'test' ? 'test images' : 'held-out images';
  const changed = tests.filter((test) => test.changed).map(({ of }) => TITLES[of]);
  const rows = tests.map(({ of, effect, adjustedPValue, changed: is, means }) => [
    `  ${TITLES[of]}`,
    means === undefined ? '' : means.evaluated.toFixed(3),
    means === undefined ? '' : means.kept.toFixed(3),
    effect.toFixed(3),
    formatP(adjustedPValue),
    is ? 'changed' : 'no change found',
  ]);
  const shown = classes.slice(0, MOST_CLASSES).map((one) => [`  ${one.label}`, percent(one.evaluated), percent(one.kept)]);
  const byDay = days.map((one) => [
    `  ${one.day}`,
    counted(one.predictions, 'prediction'),
    one.confidence.toFixed(3),
    one.unknown === undefined ? '' : percent(one.unknown),
  ]);
  return [
    `${model}@${version}: ${drifted ? `drift: ${changed.join(', ')} changed` : 'no drift found'}, by ` +
      `${counted(kept.predictions, 'kept prediction')} of ${counted(kept.days, 'day')} against ${evaluated.images} ${images}`,
    table([['  TEST', 'MEAN BEFORE', 'NOW', 'EFFECT', 'P', ''], ...rows]),
    `A change needs p below ${limits.pValue} (corrected for ${counted(tests.length, 'test')}) and an effect of ${limits.effect}.`,
    ...omitted.map(({ of, reason }) => `No test of the ${TITLES[of]}: ${reason}`),
    ...(unknown === undefined ? [] : [`Unknown images: ${percent(unknown.evaluated)} before, ${percent(unknown.kept)} now.`]),
    table([['  CLASS', 'BEFORE', 'NOW'], ...shown]),
    table([['  DAY (UTC)', '', 'CONFIDENCE', unknown === undefined ? '' : 'UNKNOWN'], ...byDay]),
    ...(drifted ? [`Get kept images to label:\n  graft dataset-from ${model}@${version} --unknown --unsure --name NAME`] : []),
  ].join('\n');
}

function formatP(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4);
}
