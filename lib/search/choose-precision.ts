import type { BackbonePrecision } from '../contracts/precision.ts';
import { counted } from '../format.ts';
import type { PairedDifference } from '../training/paired-difference.ts';

/** The speed of a trunk in two precisions on one machine. */
export interface PrecisionSpeeds {
  /** Images a second. */
  readonly float32: number;
  readonly int8: number;
  /** Time of float32 over that of int8. */
  readonly ratio: number;
}

/** Losses of a linear head on the features of a trunk in two precisions, on the same images. */
export interface PrecisionLosses {
  /** Means over the images. */
  readonly float32: number;
  readonly int8: number;
  /** Of int8 against float32. */
  readonly difference: PairedDifference;
}

/**
 * How much faster int8 must be. Timings of the same trunk differ by more than a few percent, and the choice should not
 * change between machines of the same kind.
 */
const MARGIN = 1.1;

/**
 * Chooses int8 if it is clearly faster, and if its loss is not higher by more than the standard error of the difference.
 * Without a standard error, which needs two images, or two sets of related images, nothing says that int8 is no worse.
 * @param losses undefined if int8 is not clearly faster: then they need not be measured
 */
export function choosePrecision(speeds: PrecisionSpeeds, losses?: PrecisionLosses): Pick<BackbonePrecision, 'used' | 'reason'> {
  if (!isFaster(speeds)) {
    return float32Because(`${describeSpeeds(speeds)}, and int8 must be ${MARGIN} times as fast`);
  }
  if (losses === undefined) return float32Because('the heads on both precisions were not compared');
  const { gain, standardError, images } = losses.difference;
  if (!Number.isFinite(standardError)) {
    const compared = images === 1 ? '1 image' : `${images} images that belong together`;
    return float32Because(`the losses of ${compared} cannot be compared`);
  }
  if (!(-gain <= standardError)) return float32Because(describeLosses(losses));
  return { used: 'int8', reason: `The backbone computes in int8: ${describeSpeeds(speeds)}, and ${describeLosses(losses)}.` };
}

/** Whether int8 is so much faster that the noise of a timing cannot be the reason. */
export function isFaster({ ratio }: PrecisionSpeeds): boolean {
  return ratio > MARGIN;
}

/** What a backbone is used in whose own graph has int8 layers: there is no float32 form to compare it with. */
export const int8Already: Pick<BackbonePrecision, 'used' | 'reason'> = {
  used: 'int8',
  reason: 'The backbone computes in int8: its graph has int8 layers already.',
};

/** @param why a clause */
export function float32Because(why: string): Pick<BackbonePrecision, 'used' | 'reason'> {
  return { used: 'float32', reason: `The backbone stays in float32: ${why}.` };
}

function describeSpeeds({ float32, int8 }: PrecisionSpeeds): string {
  return `on this machine it runs ${int8.toPrecision(3)} images a second in int8 and ${float32.toPrecision(3)} in float32`;
}

function describeLosses({ float32, int8, difference: { gain, standardError, images } }: PrecisionLosses): string {
  return (
    `a linear head on ${counted(images, 'training image')} has a loss of ${int8.toFixed(4)} in int8 and ${float32.toFixed(4)} in float32 ` +
    `(difference ${(-gain).toFixed(4)}, standard error ${standardError.toFixed(4)})`
  );
}
