import type { ModelCard } from '../contracts/model.ts';
import type { NetworkInput } from '../images/fit-to-input.ts';

/** How images become the input of a published model. */
export function networkInput({ height, width, cropToAspectRatio }: ModelCard['input']): NetworkInput {
  return { inputSize: [height, width], cropToAspectRatio };
}
