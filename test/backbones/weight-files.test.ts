import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testWeightFiles } from '../support/weights/weight-files.ts';

const goldens = process.env.GRAFT_GOLDENS;

testWeightFiles(goldens ? join(goldens, 'h5') : fileURLToPath(new URL('../fixtures/h5', import.meta.url)));
