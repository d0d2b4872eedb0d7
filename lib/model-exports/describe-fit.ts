import type { ModelCard } from '../contracts/model-card.ts';

/** Says in a README what happens to an image of another aspect ratio than the input's, after the size of the input. */
export function describeFit({ cropToAspectRatio }: ModelCard['input']): string {
  return cropToAspectRatio === true
    ? ', after it is cropped in its middle to their aspect ratio'
    : ' without keeping the aspect ratio';
}
