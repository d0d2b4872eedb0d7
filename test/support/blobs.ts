import { randomStream } from '../../lib/random.ts';
import { type Examples, memoryExamples, targetsOf } from '../../lib/training/examples.ts';

/** Points around one centre a class: easy to learn, the same for the same seed. */
export function blobs({ count = 90, classes = 3, features = 8, spread = 0.8, seed = 1 } = {}): Examples {
  const centres = randomStream(7, 'centres');
  const centre = Array.from({ length: classes * features }, () => 2 * centres.next() - 1);
  const noise = randomStream(seed, 'noise');
  const labels = Array.from({ length: count }, (_, row) => [row % classes]);
  const inputs = Float32Array.from(
    labels.flatMap(([label = 0]) =>
      Array.from({ length: features }, (_, f) => centre[label * features + f]! + spread * (2 * noise.next() - 1)),
    ),
  );
  return memoryExamples({ inputs, inputShape: [features], targets: targetsOf(labels, classes), classes });
}
