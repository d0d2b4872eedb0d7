import type { Drift, DriftTest } from '../../lib/contracts/drift.ts';
import { counted, percent, pValue } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output, table } from '../output.ts';

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
  output.result(measured, [describeDrift(measured), ...nextSteps(measured, days)].join('\n'));
  return EXIT.done;
}

function describeDrift(drift: Drift): string {
  const { model, version, drifted, kept, evaluated, limits, tests, omitted, classes, unknown, days } = drift;
  const images = counted(evaluated.images, evaluated.part === 'test' ? 'test image' : 'held-out image');
  const changed = tests.filter((test) => test.changed).map(({ of }) => TITLES[of]);
  const rows = tests.map(({ of, effect, adjustedPValue, changed: is, means }) => [
    `  ${TITLES[of]}`,
    means === undefined ? '' : means.evaluated.toFixed(3),
    means === undefined ? '' : means.kept.toFixed(3),
    effect.toFixed(3),
    pValue(adjustedPValue),
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
      `${counted(kept.predictions, 'kept prediction')} of ${counted(kept.days, 'day')} against ${images}`,
    table([['  TEST', 'MEAN BEFORE', 'NOW', 'EFFECT', 'P', ''], ...rows]),
    `A change needs p below ${limits.pValue} (corrected for ${counted(tests.length, 'test')}) and an effect of ${limits.effect}.`,
    ...(drifted ? [] : describePower(drift, images)),
    ...omitted.map(({ of, reason }) => `No test of the ${TITLES[of]}: ${reason}`),
    ...(unknown === undefined ? [] : [`Unknown images: ${percent(unknown.evaluated)} before, ${percent(unknown.kept)} now.`]),
    table([['  CLASS', 'BEFORE', 'NOW'], ...shown]),
    table([['  DAY (UTC)', '', 'CONFIDENCE', unknown === undefined ? '' : 'UNKNOWN'], ...byDay]),
  ].join('\n');
}

/** Which changes so few numbers cannot show. */
function describePower({ tests, limits, kept }: Drift, images: string): string[] {
  const from = tests.flatMap(({ of, smallestChange = 0 }) =>
    smallestChange > limits.effect ? [`${smallestChange.toFixed(2)} in ${TITLES[of]}`] : [],
  );
  if (from.length === 0) return [];
  return [
    `With ${images} and ${counted(kept.predictions, 'kept prediction')}, only larger effects are beyond ` +
      `chance: from ${from.join(', and ')}.`,
  ];
}

/** @param given the days that the user named */
function nextSteps({ model, version, drifted, kept, days }: Drift, given: number | undefined): string[] {
  const ref = `${model}@${version}`;
  if (drifted) {
    const only = given === undefined ? '' : ` --days ${given}`;
    return [`Get kept images to label:\n  graft dataset-from ${ref} --unknown --unsure${only} --name NAME`];
  }
  if (days.length < 2) return [];
  return [
    `A change of the last days shows more clearly without the days before it:\n  graft drift ${ref} --days ${Math.ceil(kept.days / 2)}`,
  ];
}
