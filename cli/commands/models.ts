import type { ModelVersionDetails } from '../../lib/contracts/model.ts';
import type { Context } from '../context.ts';
import { describeBackbones } from '../describe-backbones.ts';
import { describeCalibration, headline, scoresOf } from '../describe-metrics.ts';
import { findModelVersion } from '../model-ref.ts';
import { EXIT, type Output, percent, table } from '../output.ts';
import { describeClasses } from './evaluate.ts';

export async function models({ limit }: { limit?: number }, { client }: Context, output: Output): Promise<number> {
  const page = await client.models.list({ limit });
  const rows = page.models.flatMap(({ name, versions, aliases }) =>
    versions
      .toReversed()
      .map(({ version, backbone, createdAt, ...scores }) => [
        `${name}@${version}`,
        namesOf(version, aliases).join(', '),
        backbone,
        headline(scores),
        createdAt,
      ]),
  );
  const text =
    rows.length === 0
      ? 'There are no models yet. Train one:\n  graft train --dataset PATH --wait'
      : `${table([['MODEL', 'ALIASES', 'BACKBONE', 'ON TEST IMAGES', 'CREATED'], ...rows])}\nShow one of them:\n  graft ` +
        `model ${rows[0]?.[0]}`;
  output.result(page, text);
  return EXIT.done;
}

/** graft model REF: how it was made, its metrics, and its files. */
export async function model(ref: string, { client, locate }: Context, output: Output): Promise<number> {
  const { record, version } = await findModelVersion(ref, client);
  const details = await client.models.version(record.name, version.version);
  const aliases = namesOf(version.version, record.aliases);
  output.result({ ...details, aliases }, describe(details, aliases, locate(`${version.package}card.json`)));
  return EXIT.done;
}

function describe({ model: name, version, card }: ModelVersionDetails, aliases: readonly string[], file: string): string {
  const { test = card.metrics.validation } = card.metrics;
  const rows = [
    ['model', `${name}@${version}${aliases.length === 0 ? '' : ` (${aliases.join(', ')})`}`],
    ['data set', card.spec.dataset],
    ['task', `${card.task}, ${card.labels.length} labels`],
    ['backbone', `${card.backbone.name}, ${card.backbone.inputSize.join('x')} pixels, ${card.backbone.licence}`],
    ['strategy', `${card.strategy.name}, cut at ${card.strategy.cut}${card.strategy.finishedEarly ? ', finished early' : ''}`],
    ...scoresOf(test).map(([score, value]) => [score, percent(value)]),
    ...(card.calibration === undefined ? [] : [['calibration', describeCalibration(card.calibration, card.temperature)]]),
    ['job', card.job],
    ['created', card.createdAt],
    ['package', file.replace(/[/\\]?card\.json$/, '')],
  ];
  const next = `Predict with it, verify its files, or promote it:
  graft predict ${name}@${version} IMAGE...
  graft verify ${name}@${version}
  graft promote ${name}@${version} prod`;
  const compared = card.backbones === undefined ? [] : [describeBackbones(card.backbones)];
  return [table(rows), ...compared, describeClasses(test), next].join('\n');
}

function namesOf(version: number, aliases: Readonly<Record<string, number>>): string[] {
  return Object.entries(aliases).flatMap(([alias, points]) => (points === version ? [alias] : []));
}
