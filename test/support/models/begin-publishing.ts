import type { BeginPublishing } from '../../../lib/models/publish-package.ts';

/** Of a job without a record that another worker could change. */
export const beginPublishing: BeginPublishing = async (publication) => publication;
