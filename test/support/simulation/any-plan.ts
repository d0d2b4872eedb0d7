import fc from 'fast-check';
import { IMAGES, type Round } from './run-schedule.ts';

const name = fc.constantFrom('pets', 'cars');
const part = fc.array(fc.integer({ min: 0, max: IMAGES - 1 }), { minLength: 1, maxLength: 3 });
const upload = fc.record({ name, parts: fc.array(part, { minLength: 1, maxLength: 2 }) });

/** Few images and names, so that the uploads of a round share what deletions and dead clients of the rounds before have left. */
const round: fc.Arbitrary<Round> = fc.record({
  uploads: fc.array(upload, { minLength: 1, maxLength: 2 }),
  deletions: fc.array(name, { maxLength: 2 }),
  collections: fc.integer({ min: 0, max: 2 }),
  deaths: fc.constantFrom(0, 0.002, 0.01),
  jumps: fc.constantFrom(0, 0.005),
  stalls: fc.constantFrom(0, 0.01, 0.03),
  losses: fc.constantFrom(0, 0.1, 0.3),
});

export const anyPlan: fc.Arbitrary<Round[]> = fc.array(round, { minLength: 1, maxLength: 3 });
