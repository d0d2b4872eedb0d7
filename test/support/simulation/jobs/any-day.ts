import fc from 'fast-check';
import { NO_FAULTS } from './faults.ts';
import type { PlannedJob } from './people.ts';
import type { Day } from './run-jobs.ts';
import type { PlannedExtraction } from './simulated-extraction.ts';

const model = fc.constantFrom('cats', 'dogs');

const extraction: fc.Arbitrary<PlannedExtraction> = fc.record({
  shards: fc.integer({ min: 0, max: 9 }),
  shardSeconds: fc.constantFrom(4, 20, 20, 100),
  allowedSeconds: fc.option(fc.constantFrom(30, 400, 4000), { nil: undefined, freq: 2 }),
  trainingSeconds: fc.constantFrom(100, 400, 4500),
});

const job: fc.Arbitrary<PlannedJob> = fc.record({
  model,
  target: fc.constantFrom('lambda', 'gpu'),
  steps: fc.integer({ min: 1, max: 4 }),
  stepSeconds: fc.constantFrom(1, 8, 8, 30, 30, 280),
  failure: fc.constantFrom('none', 'none', 'none', 'none', 'data', 'memory'),
  afterSeconds: fc.constantFrom(0, 0, 5, 60),
  cancelledAfter: fc.option(fc.constantFrom(0, 1, 5, 30, 100, 400), { nil: undefined, freq: 2 }),
  isRetried: fc.boolean(),
  maxMinutes: fc.option(fc.constantFrom(1, 10), { nil: undefined, freq: 2 }),
  extraction: fc.option(extraction, { nil: undefined, freq: 2 }),
});

/** A long training that its limit of cost ends, in its first attempt or a later one. */
const limitedJob: fc.Arbitrary<PlannedJob> = fc.record({
  model,
  target: fc.constantFrom('lambda', 'gpu'),
  steps: fc.constantFrom(2, 4, 30),
  stepSeconds: fc.constantFrom(30, 30, 280),
  failure: fc.constantFrom('none', 'none', 'none', 'memory'),
  afterSeconds: fc.constantFrom(0, 5),
  isRetried: fc.constant(false),
  machineSeconds: fc.constantFrom(100, 400),
  extraction: fc.option(
    fc.record({
      shards: fc.constantFrom(1, 2, 2, 9),
      shardSeconds: fc.constantFrom(20, 100, 100),
      allowedSeconds: fc.constantFrom(300, 300, 300, 4000),
      trainingSeconds: fc.constantFrom(100, 400),
      failure: fc.constantFrom('none', 'memory'),
    }),
    { nil: undefined, freq: 4 },
  ),
});

/** Each kind of fault at no, a low or a high rate. */
const rates = fc.record({
  crash: fc.constantFrom(0, 0.002, 0.01),
  stall: fc.constantFrom(0, 0.002, 0.01),
  jump: fc.constantFrom(0, 0.002),
  throttle: fc.constantFrom(0, 0.005, 0.03),
  lostAnswer: fc.constantFrom(0, 0.005, 0.03),
  duplicate: fc.constantFrom(0, 0.1, 0.3),
  loss: fc.constantFrom(0, 0.1, 0.5),
  delay: fc.constantFrom(0, 0.1, 0.3),
  refusedStart: fc.constantFrom(0, 0.1, 0.5),
  reclaim: fc.constantFrom(0, 0.2, 0.6),
  refusedWebhook: fc.constantFrom(0, 0.1, 0.5),
  skew: fc.constantFrom(0, 0.3),
  otherProcessor: fc.constantFrom(0, 0.1, 0.5),
});

/** Faults with which the limits of jobs hold to the second: see WorkedTime. */
const measuredRates = rates.map((drawn) => ({ ...drawn, stall: 0, jump: 0, skew: 0, duplicate: 0 }));

/** A few jobs of few models, so that they meet. */
const busyDay: fc.Arbitrary<Day> = fc.record({
  jobs: fc.array(job, { minLength: 1, maxLength: 3 }),
  promotions: fc.array(fc.record({ model, afterSeconds: fc.constantFrom(20, 100, 500, 2000) }), { maxLength: 3 }),
  rates: fc.oneof({ weight: 1, arbitrary: fc.constant(NO_FAULTS) }, { weight: 9, arbitrary: rates }),
  isQueueBusy: fc.boolean(),
});

/** Jobs whose limits of cost end them. */
const limitedDay: fc.Arbitrary<Day> = fc.record({
  jobs: fc.array(limitedJob, { minLength: 1, maxLength: 2 }),
  promotions: fc.constant([]),
  rates: measuredRates,
});

export const anyDay: fc.Arbitrary<Day> = fc.oneof({ weight: 4, arbitrary: busyDay }, { weight: 1, arbitrary: limitedDay });
