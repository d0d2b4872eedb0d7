import type { ModelReport } from '../../contracts/model-report.ts';
import { compareErrors } from '../statistics/compare-errors.ts';
import { countImageGroups, groupsAmong, type ImageGroups } from '../statistics/image-groups.ts';
import { joinGroups } from './join-groups.ts';
import type { LabelTexts } from './predicted-texts.ts';
import type { ImageName, OtherVersion } from './report-input.ts';
import { estimate, rounded } from './rounded.ts';

/**
 * Compares a version with that of an alias on the images that both were evaluated on. An image is right if all its
 * labels are.
 * @param groups which of this version's images are related
 * @param imageOf the image of a row of the scores
 * @returns undefined if the two have no image in common
 */
export function compareVersions(
  { predicted, truth, groups }: LabelTexts & { readonly groups?: ImageGroups },
  imageOf: (row: number) => ImageName | undefined,
  { alias, version, predictions, groups: otherGroups }: OtherVersion,
): ModelReport['comparison'] {
  const counts = { bothRight: 0, onlyThis: 0, onlyOther: 0, bothWrong: 0 };
  const [gains, rows, others]: [number[], number[], number[]] = [[], [], []];
  for (const [row, labels] of truth.entries()) {
    const sha256 = imageOf(row)?.sha256 ?? '';
    const other = predictions.get(sha256);
    if (other === undefined) continue;
    const isRight = predicted[row] === labels;
    const isOtherRight = other === labels;
    counts[isRight ? (isOtherRight ? 'bothRight' : 'onlyThis') : isOtherRight ? 'onlyOther' : 'bothWrong']++;
    gains.push(Number(isRight) - Number(isOtherRight));
    rows.push(row);
    others.push(otherGroups?.get(sha256) ?? -1 - row);
  }
  const images = gains.length;
  if (images === 0) return undefined;
  const related = joinGroups(groupsAmong(groups, rows), groupsAmong(others, [...others.keys()]));
  const { exact, midP, difference } = compareErrors(gains, related);
  return {
    alias,
    version,
    images,
    ...(related && { groups: countImageGroups(related) }),
    ...counts,
    difference: estimate(difference.value, difference),
    exact: rounded(exact),
    midP: rounded(midP),
  };
}
