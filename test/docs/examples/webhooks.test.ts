import { spawn } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../infra/localstack/free-port.ts';
import { JobSpec } from '../../../lib/contracts/job-spec.ts';
import { cancelJob } from '../../../lib/jobs/cancel-job.ts';
import { deliverWebhook } from '../../../lib/jobs/deliver-webhook.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { submitJob } from '../../../lib/jobs/submit-job.ts';
import { webhookSecret } from '../../../lib/local/webhook-secret.ts';
import { systemClock } from '../../../lib/store/system-clock.ts';
import { readPage, root } from '../../support/docs/pages.ts';
import { scratchFolder } from '../../support/graft.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

test('the receiver of docs/webhooks.md takes what is signed with the secret, and nothing else', async () => {
  const world = { ...testWorld(), clock: systemClock, loopbackWebhooks: true };
  const secret = await webhookSecret(world.directory);
  const port = await freePort();
  const lines = await startReceiver({ GRAFT_WEBHOOK_SECRET: secret, PORT: String(port) });
  const url = `http://127.0.0.1:${port}/graft`;

  const { id } = await submitJob(JobSpec.parse({ name: 'flowers', dataset: 'flowers', webhook: { url } }), world);
  await dispatchJob(id, recordingCompute(), world);
  await cancelJob(id, recordingCompute(), world);
  const [delivery] = await world.queues.webhooks.receive({ max: 1, visibilitySeconds: 30 });
  if (delivery === undefined) throw new Error('nothing on the queue');
  await deliverWebhook(delivery, world, { secret: async () => secret });
  expect((await lines.next()).value).toBe(`job.cancelled flowers ${id}`);

  const forged = await fetch(url, { method: 'POST', body: '{"type":"job.succeeded"}', headers: { 'webhook-id': 'msg_1' } });
  expect(forged.status).toBe(401);
});

/** Runs the page's example. @returns the lines that it prints, once it is ready */
async function startReceiver(environment: Record<string, string>): Promise<AsyncIterator<string>> {
  const [block] = readPage('docs/webhooks.md').sections.flatMap(({ blocks }) =>
    blocks.filter(({ language }) => language === 'ts'),
  );
  const folder = scratchFolder();
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'receiver.ts'), block?.text ?? '');
  const child = spawn(process.execPath, ['receiver.ts'], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  const lines = linesOf(child.stdout);
  expect((await lines.next()).value).toBe('ready');
  return lines;
}

async function* linesOf(output: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const chunk of output) yield* chunk.toString().trim().split('\n');
}
