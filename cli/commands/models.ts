import type { Context } from '../context.ts';
import { EXIT, type Output, percent, table } from '../output.ts';

export async function models({ limit }: { limit?: number }, { client }: Context, output: Output): Promise<number> {
  const page = await client.models.list({ limit });
  const rows = page.models.flatMap(({ name, versions, aliases }) =>
    versions.toReversed().map(({ version, backbone, accuracy, createdAt }) => [
      `${name}@${version}`,
      Object.entries(aliases)
        .flatMap(([alias, points]) => (points === version ? [alias] : []))
        .join(', '),
      backbone,
      accuracy === undefined ? '' : percent(accuracy),
      createdAt,
    ]),
  );
  const text =
    rows.length === 0
      ? 'No model yet. Train one:\n  graft train --dataset PATH --wait'
      : table([['MODEL', 'ALIASES', 'BACKBONE', 'ACCURACY', 'CREATED'], ...rows]);
  output.result(page, text);
  return EXIT.done;
}
