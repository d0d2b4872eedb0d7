import { findAccount } from '../aws/account.ts';
import { runCdk } from '../aws/cdk.ts';
import { deleteBucket } from '../aws/delete-bucket.ts';
import { forgetDeployment } from '../deployment.ts';
import { EXIT, type Output } from '../output.ts';
import { contextOf } from './deploy.ts';

export interface DestroyOptions {
  readonly name: string;
  readonly deleteData?: boolean;
}

/** graft destroy: removes both stacks. The buckets stay, and a later deployment has them again, unless their data is to go too. */
export async function destroy({ name, deleteData = false }: DestroyOptions, output: Output): Promise<number> {
  const where = await findAccount();
  const say = (line: string) => output.progress(`removing: ${line}`);
  await runCdk(['destroy', 'Graft', 'GraftGpu', ...contextOf(name, true), '--force'], where, say);
  await forgetDeployment(process.env);
  const buckets = ['data', 'models'].map((kind) => `${name}-${kind}-${where.account}-${where.region}`);
  if (deleteData) {
    for (const bucket of buckets)
      await deleteBucket(bucket, where.region, (deleted) => output.progress(`deleting ${bucket}: ${deleted} objects`));
  }
  output.endProgress();
  const kept = deleteData ? [] : buckets;
  output.result({ stack: name, region: where.region, kept, deleted: deleteData ? buckets : [] }, described(name, kept));
  return EXIT.done;
}

function described(name: string, kept: readonly string[]): string {
  if (kept.length === 0) return `${name} is gone, and its data with it.`;
  return [
    `${name} is gone. Its images and models are still there, and billed as storage, in`,
    ...kept.map((bucket) => `  ${bucket}`),
    'graft deploy takes them up again; graft destroy --delete-data deletes them for good.',
  ].join('\n');
}
