import { fileURLToPath } from 'node:url';
import { describeGoldens } from '../../support/goldens/golden-suite.ts';

/** The smallest member of each family; test/backbones takes them all. */
describeGoldens(fileURLToPath(new URL('../../fixtures/goldens', import.meta.url)), ['noTop']);
