import { fileURLToPath } from 'node:url';
import { describeGoldens } from '../support/goldens/golden-suite.ts';

describeGoldens(
  process.env.GRAFT_GOLDENS ?? fileURLToPath(new URL('../fixtures/goldens', import.meta.url)),
  ['noTop', 'top'],
  new RegExp(process.env.GRAFT_BACKBONES ?? ''),
);
