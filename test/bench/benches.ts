import { backboneLoad } from './backbone-load.ts';
import type { Bench } from './bench.ts';
import { coldStart } from './cold-start.ts';
import { engines } from './engines.ts';
import { featuresScale } from './features-scale.ts';
import { fineTuneStep } from './fine-tune-step.ts';
import { headStep } from './head-step.ts';
import { importImages } from './import.ts';
import { importMemory } from './import-memory.ts';
import { mobilenetFrozen } from './mobilenet-frozen.ts';
import { noveltyCost } from './novelty-cost.ts';
import { photographs } from './photographs.ts';
import { predict } from './predict.ts';
import { search } from './search.ts';
import { secondJob } from './second-job.ts';
import { spreadExtraction } from './spread-extraction.ts';
import { submit } from './submit.ts';
import { synth } from './synth.ts';
import { trainingMemory } from './training-memory.ts';
import { trunks } from './trunks.ts';
import { tutorial, tutorialUnfrozen } from './tutorial.ts';
import { upload } from './upload.ts';

/** The benchmarks that compare Graft with a peer: docs/performance.md describes each. */
export const BENCHES: readonly Bench[] = [
  backboneLoad,
  coldStart,
  engines,
  featuresScale,
  fineTuneStep,
  headStep,
  importImages,
  importMemory,
  mobilenetFrozen,
  photographs,
  predict,
  noveltyCost,
  search,
  secondJob,
  spreadExtraction,
  submit,
  synth,
  trainingMemory,
  trunks,
  tutorial,
  tutorialUnfrozen,
  upload,
];
