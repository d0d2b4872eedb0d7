import { testDays } from '../support/simulation/jobs/test-days.ts';

testDays('second');
