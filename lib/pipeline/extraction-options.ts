import type { ExtractionOptions } from '../features/extract-features.ts';
import type { TrainingContext } from './training-context.ts';

type ExtractionContext = Pick<TrainingContext, 'world' | 'jobContext' | 'work'>;

/**
 * How a job extracts features: until it is stopped, and so that its record counts the images and the waits.
 * @param onProgress default: reports the images of stage `features`, and how fast they are
 */
export function extractionOptions(context: ExtractionContext, onProgress = imagesDone(context)): ExtractionOptions {
  const { world, jobContext, work } = context;
  const { store, inputCache: inputs, log } = world;
  const { addWaits: onWaits, addFeatures: onExtracted } = work;
  return { store, inputs, signal: jobContext.signal, log, onProgress, onWaits, onExtracted };
}

/** As `extractionOptions`, for what a job compares before it trains: progress counts as that of stage `prepare`. */
export function preparationOptions(context: ExtractionContext): ExtractionOptions {
  const { report } = context.jobContext;
  return extractionOptions(context, (done, total) => report({ stage: 'prepare', done, total }));
}

function imagesDone({ jobContext, world: { clock } }: ExtractionContext): ExtractionOptions['onProgress'] {
  const start = clock.now().getTime();
  return (done, total) => {
    const imagesPerSecond = done / Math.max((clock.now().getTime() - start) / 1000, 0.001);
    jobContext.report({ stage: 'features', done, total, imagesPerSecond, secondsLeft: (total - done) / imagesPerSecond });
  };
}
