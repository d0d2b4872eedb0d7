import type { Context } from '../context.ts';
import { EXIT, type Output, table } from '../output.ts';
import { describeReport } from './upload.ts';

export async function datasets({ limit }: { limit?: number }, { client }: Context, output: Output): Promise<number> {
  const page = await client.datasets.list({ limit });
  const rows = page.datasets.map(({ name, versions }) => [
    name,
    `${versions.at(-1)?.images ?? 0} images`,
    `${versions.length} versions`,
  ]);
  output.result(
    page,
    rows.length === 0 ? 'No data set yet. Upload one:\n  graft upload PATH' : table([['DATA SET', 'LATEST', ''], ...rows]),
  );
  return EXIT.done;
}

export async function dataset(ref: string, { client }: Context, output: Output): Promise<number> {
  const report = await client.datasets.get(ref);
  output.result(report, describeReport(report));
  return EXIT.done;
}
