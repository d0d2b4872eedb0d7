import type { JobProgress } from '../../lib/contracts/job.ts';
import type { workOnJob } from '../../lib/jobs/work-on-job.ts';
import type { Profile } from '../../lib/local/profile.ts';
import type { JobAttempt } from '../../lib/ports.ts';

type Work = Parameters<typeof workOnJob>[1];

/** The name of an attempt's files in the folder of GRAFT_PROFILE, without extension. */
export function profileName({ job, attempt }: JobAttempt): string {
  return `${job}-${attempt}`;
}

/**
 * The work of an attempt, with its stages, its steps (batches of images, epochs, trials) and the lines of its log in the
 * profile's timeline.
 */
export function profiled(work: Work, profile: Profile): Work {
  return async (job, jobContext, world) => {
    const timeline = openStages(profile);
    try {
      return await work(
        job,
        {
          ...jobContext,
          report(progress) {
            timeline.step(progress);
            jobContext.report(progress);
          },
        },
        {
          ...world,
          log(event, values) {
            profile.mark('log', event, values);
            world.log(event, values);
          },
        },
      );
    } finally {
      timeline.end();
    }
  };
}

/** A report of progress ends a step. The first one of a stage ends the stage before. */
function openStages(profile: Profile) {
  let stage = { name: 'start', begun: performance.now() };
  let reported = stage.begun;
  return {
    step({ stage: name, done, total, ...measured }: JobProgress): void {
      if (name !== stage.name) {
        profile.span('stages', stage.name, stage.begun);
        stage = { name, begun: performance.now() };
      }
      profile.span('steps', `${name} ${done} of ${total}`, reported, measured);
      reported = performance.now();
    },
    end: () => profile.span('stages', stage.name, stage.begun),
  };
}
