import { type ExportOptions, exportRun } from '../../../cli/commands/export-run.ts';
import type { Context } from '../../../cli/context.ts';
import { createClient } from '../../../lib/client/client.ts';
import type { EpochRecord } from '../../../lib/contracts/model-card.ts';
import { apiSystem } from '../api.ts';
import { silent } from '../silent.ts';
import { publishScored } from './scored-model.ts';

export const exportedJob = 'job-zd310wsts-0000000001';

/** A published version whose job is in the given state; `run` exports it, and returns the document of the command. */
export async function exportableRun({
  state = 'SUCCEEDED',
  to = 'tensorboard',
  history,
}: {
  readonly state?: string;
  readonly to?: ExportOptions['to'];
  readonly history?: readonly EpochRecord[];
} = {}) {
  const { api, world } = apiSystem();
  await publishScored(world, { labels: ['cat', 'dog'], ...(history && { history }) });
  const client = createClient(api);
  const result = state === 'SUCCEEDED' ? { model: 'scored', version: 1 } : undefined;
  const jobs = { ...client.jobs, get: async () => ({ id: exportedJob, state, ...(result && { result }) }) };
  const context = { client: { ...client, jobs }, locate: String } as unknown as Context;
  return async (folder: string): Promise<{ files: string[]; epochs: number }> => {
    const told: unknown[] = [];
    await exportRun({ job: exportedJob, folder, to }, context, { ...silent, result: (value) => void told.push(value) });
    return told[0] as { files: string[]; epochs: number };
  };
}
