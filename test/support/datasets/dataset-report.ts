import type { DatasetReport } from '../../../lib/contracts/dataset.ts';

/** The report of a data set of so many images of about 400 x 400 pixels, equally spread over the classes. */
export function datasetReport(images: number, classes = 5): DatasetReport {
  const side = { smallest: 300, median: 400, largest: 500 };
  return {
    dataset: 'flowers',
    digest: `sha256-${'0'.repeat(64)}`,
    task: 'single-label',
    classes: Array.from({ length: classes }, (_, i) => ({ label: `class-${i}`, images: images / classes })),
    accepted: images,
    refused: [],
    duplicates: [],
    sizes: { width: side, height: side },
    warnings: [],
  };
}
