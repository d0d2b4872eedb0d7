import { expect, test } from 'vitest';
import { explainImage } from '../../../lib/inference/explain-images.ts';

test('explains the most probable of many labels', async () => {
  const labels = Array.from({ length: 200_000 }, (_, of) => `class ${of}`);
  const probabilities = new Float32Array(labels.length);
  probabilities[150_000] = 0.5;
  const heat = { method: 'occlusion', grid: [1, 1], values: Float64Array.of(1) } as const;
  const explained: number[] = [];
  const explainer = {
    method: heat.method,
    explain: async ({ label }: { readonly label: number }) => {
      explained.push(label);
      return heat;
    },
    close: async () => {},
  };
  const image = { bytes: new Uint8Array(), pixels: new Float32Array(3), crop: undefined };
  expect(await explainImage(explainer, image, probabilities, { labels }, {})).toMatchObject({ label: 'class 150000' });
  expect(explained).toEqual([150_000]);
});
