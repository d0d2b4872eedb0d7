/** The functions of Graft that the simulation of jobs runs. */
import { handleTrainingMessage } from '../../../../functions/dispatch/training-message.ts';
import { runMaintenance } from '../../../../functions/track/run-maintenance.ts';
import { trackEvent } from '../../../../functions/track/track-event.ts';
import { deliverWebhook } from '../../../../lib/jobs/deliver-webhook.ts';
import { workOnExtraction } from '../../../../lib/jobs/extraction/work-on-extraction.ts';
import { workOnJob } from '../../../../lib/jobs/work-on-job.ts';

export const graft = { handleTrainingMessage, workOnJob, workOnExtraction, trackEvent, runMaintenance, deliverWebhook };
