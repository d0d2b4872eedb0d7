import { fileURLToPath } from 'node:url';
import { testWeightFiles } from '../../../support/weights/weight-files.ts';

testWeightFiles(fileURLToPath(new URL('../../../fixtures/h5', import.meta.url)));
