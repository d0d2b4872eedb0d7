import type { ModelReport } from '../../contracts/model-report.ts';
import { mcnemar } from '../statistics/mcnemar.ts';
import type { LabelTexts } from './predicted-texts.ts';
import type { NamedImage, OtherVersion } from './report-input.ts';
import { estimate, rounded } from './rounded.ts';

/**
 * Compares a version with that of an alias on the images that both were evaluated on. An image is right if all its
 * labels are.
 * @param imageOf the image of a row of the scores
 * @returns undefined if the two have no image in common
 */
export function compareVersions(
  { predicted, truth }: LabelTexts,
  imageOf: (row: number) => NamedImage | undefined,
  { alias, version, predictions }: OtherVersion,
): ModelReport['comparison'] {
  const counts = { bothRight: 0, onlyThis: 0, onlyOther: 0, bothWrong: 0 };
  for (const [row, labels] of truth.entries()) {
    const other = predictions.get(imageOf(row)?.sha256 ?? '');
    if (other === undefined) continue;
    const isRight = predicted[row] === labels;
    const isOtherRight = other === labels;
    counts[isRight ? (isOtherRight ? 'bothRight' : 'onlyThis') : isOtherRight ? 'onlyOther' : 'bothWrong']++;
  }
  const images = counts.bothRight + counts.onlyThis + counts.onlyOther + counts.bothWrong;
  if (images === 0) return undefined;
  const { exact, midP, difference } = mcnemar(counts.onlyThis, counts.onlyOther, images);
  return {
    alias,
    version,
    images,
    ...counts,
    difference: estimate(difference.value, difference),
    exact: rounded(exact),
    midP: rounded(midP),
  };
}
