import { writeFile } from 'node:fs/promises';
import { UsageError } from '../../lib/errors.ts';
import { unwritable } from '../files/unwritable.ts';
import { EXIT, type Output } from '../output.ts';
import { specTemplate } from './spec-template.ts';

/** graft init: writes a job spec with each member's purpose and default. */
export async function init(
  file = 'job.jsonc',
  { dataset, force = false }: { dataset: string; force?: boolean },
  output: Output,
): Promise<number> {
  await writeFile(file, specTemplate(dataset), { flag: force ? 'w' : 'wx' }).catch((cause) => {
    if (cause.code !== 'EEXIST') throw unwritable(file, 'a writable file', cause);
    throw new UsageError('FILE_EXISTS', {
      at: file,
      expected: 'a file that is not there yet',
      received: cause.code,
      fix: 'give another name, or --force to overwrite it',
      cause,
    });
  });
  output.result(
    { file, dataset },
    `${file} lists the settings of a job with their defaults. Change what you need, then:\n  graft train --spec ${file} ` +
      `--dry-run\n  graft train --spec ${file} --wait`,
  );
  return EXIT.done;
}
