import { stripVTControlCharacters } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serve } from '../../functions/local/serve.ts';
import type { JobProgress } from '../../lib/contracts/job.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { dispatchJob } from '../../lib/jobs/dispatch-job.ts';
import { changeJob } from '../../lib/jobs/job-store.ts';
import { leaseRenewed } from '../../lib/jobs/life-cycle.ts';
import { submitJob } from '../../lib/jobs/submit-job.ts';
import { apiSystem } from '../support/api.ts';
import { CTRL_C, graftOnTerminal, hasTerminals } from '../support/processes/terminal.ts';

const SIGHUP = 1;
/** Colours, and whatever moves the cursor. */
const ESCAPE = String.fromCharCode(27);
const COLOUR = new RegExp(`${ESCAPE}\\[(?:3\\d|9\\d|38;[\\d;]+)m`);
const CURSOR = new RegExp(`${ESCAPE}\\[(?:\\d*[A-K]|\\?25)`);

describe.skipIf(!hasTerminals)('following a job on a terminal', () => {
  test.each([80, 20, 0])(
    'of %i columns: Ctrl-C leaves the job at work, says how to come back, and ends with 130',
    async (columns) => {
      const { id, tell, follow } = await runningJob();
      const terminal = follow(columns);
      await terminal.until(/features: 1 o/);
      await tell({ stage: 'features', done: 2, total: 400, imagesPerSecond: 20, secondsLeft: 20 });
      terminal.type(CTRL_C);
      expect(await terminal.ended).toEqual({ status: 130 });
      const shown = stripVTControlCharacters(terminal.shown());
      expect(shown).toContain('The job goes on. Come back to it:');
      expect(shown).toContain(`job ${id} --follow`);
      // A spinner draws some frames a second; what floods the terminal writes megabytes.
      expect(terminal.shown().length).toBeLessThan(50_000);
    },
  );

  test.each([
    ['80 columns, which become none', 80, 0],
    ['80 columns, which become 20', 80, 20],
    ['none, which become 80', 0, 80],
  ])('of %s: it goes on, and listens to Ctrl-C', async (_, before, after) => {
    const { tell, follow } = await runningJob();
    const terminal = follow(before);
    await terminal.until(/features: 1 o/);
    terminal.resize(after);
    await tell({ stage: 'predict', done: 7, total: 400 });
    await terminal.until(/predicting: 7 o/);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toEqual({ status: 130 });
    expect(terminal.shown()).toContain('The job goes on');
    expect(terminal.shown().length).toBeLessThan(50_000);
  });

  test.each([80, 20, 0])('of %i columns that is closed: the command ends with it', async (columns) => {
    const { follow } = await runningJob();
    const terminal = follow(columns);
    await terminal.until(/features: 1 o/);
    terminal.hangUp();
    // Whatever comes first: the signal, or a write to what is gone.
    expect([{ signal: SIGHUP }, { status: 128 + SIGHUP }]).toContainEqual(await terminal.ended);
  });

  test.each([
    ['shows colours and one line that is replaced', {}, true, true],
    ['with NO_COLOR shows no colour', { NO_COLOR: '1' }, false, true],
    ['with TERM=dumb shows lines alone', { TERM: 'dumb' }, false, false],
  ])('%s', async (_, environment: Record<string, string>, colours, cursor) => {
    const { follow } = await runningJob();
    const terminal = follow(80, environment);
    await terminal.until(/features: 1 of 400 images/);
    terminal.type(CTRL_C);
    expect(await terminal.ended).toEqual({ status: 130 });
    expect(COLOUR.test(terminal.shown())).toBe(colours);
    expect(CURSOR.test(terminal.shown())).toBe(cursor);
  });
});

/** A job at work behind a real API, and the command that follows it. */
async function runningJob() {
  const { api, world, compute } = apiSystem();
  const server = await serve(api, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  const { id } = await submitJob(JobSpec.parse({ name: 'trash', dataset: 'trash' }), world);
  await dispatchJob(id, compute, world);
  const tell = (progress: JobProgress) =>
    changeJob(id, world.store, (job) => leaseRenewed(job, 1, world.clock.now(), { progress }));
  await tell({ stage: 'features', done: 1, total: 400, imagesPerSecond: 20, secondsLeft: 20 });
  const follow = (columns: number, environment: Record<string, string> = {}) =>
    graftOnTerminal(['job', id, '--follow'], { columns, environment: { GRAFT_API: server.address, ...environment } });
  return { id, tell, follow };
}
