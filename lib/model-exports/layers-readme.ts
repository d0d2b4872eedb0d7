import { noveltyThreshold } from '../contracts/novelty.ts';
import { describeFit } from './describe-fit.ts';
import type { ExportedModel } from './exported-model.ts';

/** Writes what the READMEs of formats with layers have in common: input, output, and what is left out. */
export function describeLayers({ card }: ExportedModel): string {
  const { height, width } = card.input;
  return `- Input: float32 \`[N, ${height}, ${width}, 3]\`, RGB, 0 to 255. The preprocessing is inside: its layers do not train.
- Output: float32 \`[N, ${card.labels.length}]\`, a probability for each label, in the order of \`labels.json\`. The calibration is inside.
${
  card.task === 'multi-label'
    ? '- An image can have several labels: it has those whose probability reaches their number in `thresholds` of `card.json`.\n'
    : ''
}${
  noveltyThreshold(card.novelty) !== undefined
    ? '- Without the novelty score, which is no part of the network. The formats `onnx`, `npm`, `web` and `html` have it.\n'
    : ''
}
Before the model, an image is turned upright by its EXIF orientation, transparent pixels become white, and it is resized
to ${width} x ${height} pixels${describeFit(card.input)}: bilinear, with half-pixel centres and without
antialiasing, as the example does. From the same pixels, the model returns Graft's probabilities within 0.0001.

The normalization of the backbone is part of its convolutions, as in the served model. So a training with few images
cannot spoil its statistics.`;
}
