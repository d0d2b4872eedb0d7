/**
 * Writes what the pages of exports contain besides the model where the application looks for it: node
 * write-page-assets.ts APP. Needs the packages of page-packages.ts.
 */
import { join } from 'node:path';
import { writePageAssets } from '../../../lib/model-exports/page-assets.ts';

const [, , app = '.'] = process.argv;
await writePageAssets(join(app, 'lib/model-exports'));
