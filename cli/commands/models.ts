import type { AliasRecord, ModelVersionDetails } from '../../lib/contracts/model-http.ts';
import { parseReference } from '../../lib/contracts/reference.ts';
import { percent } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { describeAlias } from '../describe/describe-alias.ts';
import { describeBackbones } from '../describe/describe-backbones.ts';
import { describeLineage, lineageOf } from '../describe/describe-lineage.ts';
import { describeCalibration, headline, scoresOf } from '../describe/describe-metrics.ts';
import { describeNovelty } from '../describe/describe-novelty.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { findModelVersion } from '../model-ref.ts';
import { EXIT, type Output, table } from '../output.ts';
import { readPages } from '../read-pages.ts';
import { describeClasses } from './evaluate.ts';
import { describeReport, readPage, readReport } from './model-report.ts';

/** graft models: all of them, or as many as --limit says. */
export async function models({ limit }: { limit?: number }, { client }: Context, output: Output): Promise<number> {
  const { entries, next } = await readPages(async (page) => {
    const { models, next } = await client.models.list(page);
    return { entries: models, next };
  }, limit);
  const rows = entries.flatMap(({ name, versions, aliases }) =>
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
      : [
          table([['MODEL', 'ALIASES', 'BACKBONE', 'ON TEST IMAGES', 'CREATED'], ...rows]),
          ...(next === undefined ? [] : ['There are more models. List all of them:\n  graft models']),
          `Show one of them:\n  graft model ${rows[0]?.[0]}`,
        ].join('\n');
  output.result({ models: entries, next }, text);
  return EXIT.done;
}

export interface ModelOptions {
  /** Shows the report instead of the card. */
  readonly report?: boolean;
  /** The file to write the report's page to. */
  readonly html?: string;
  /** Shows what the version was made from. */
  readonly lineage?: boolean;
}

/**
 * graft model REF: how it was made, its metrics, and its files; with --report the report of its evaluation. --html
 * writes the report as a page. --lineage shows what it was made from.
 */
export async function model(
  ref: string,
  { report, html, lineage }: ModelOptions,
  context: Context,
  output: Output,
): Promise<number> {
  const { client, locate } = context;
  const { record, version } = await findModelVersion(ref, client);
  const reported = { name: record.name, version: version.version };
  if (html !== undefined) await writeWholeFile(html, [await readPage(reported, context)]);
  const written = html === undefined ? '' : `\nThe report: ${html}`;
  if (report === true) {
    const document = await readReport(reported, context);
    output.result(document, `${describeReport(document)}${written}`);
    return EXIT.done;
  }
  const details = await client.models.version(record.name, version.version);
  if (lineage === true) {
    const made = lineageOf(details);
    output.result(made, `${describeLineage(made)}${written}`);
    return EXIT.done;
  }
  const aliases = namesOf(version.version, record.aliases);
  const alias = await aliasNamed(ref, client);
  const text = describe(details, aliases, locate(`${version.package}card.json`));
  output.result({ ...details, aliases, ...(alias && { alias }) }, `${text}${alias ? `\n${describeAlias(alias)}` : ''}${written}`);
  return EXIT.done;
}

/** The alias that a reference names, with its history and its gate. */
async function aliasNamed(ref: string, client: Context['client']): Promise<AliasRecord | undefined> {
  const { name, alias } = parseReference(ref) ?? {};
  return name === undefined || alias === undefined ? undefined : client.models.getAlias(name, alias);
}

function describe({ model: name, version, card }: ModelVersionDetails, aliases: readonly string[], file: string): string {
  const { test = card.metrics.validation } = card.metrics;
  const rows = [
    ['model', `${name}@${version}${aliases.length === 0 ? '' : ` (${aliases.join(', ')})`}`],
    ['data set', card.spec.dataset],
    ['task', `${card.task}, ${card.labels.length} ${card.labels.length === 1 ? 'label' : 'labels'}`],
    ['backbone', `${card.backbone.name}, ${card.backbone.inputSize.join('x')} pixels, ${card.backbone.licence}`],
    ['strategy', `${card.strategy.name}, cut at ${card.strategy.cut}${card.strategy.finishedEarly ? ', finished early' : ''}`],
    ...scoresOf(test).map(([score, value]) => [score, percent(value)]),
    ...(card.calibration === undefined ? [] : [['calibration', describeCalibration(card.calibration, card.temperature)]]),
    ...(card.novelty === undefined ? [] : [['unknown images', describeNovelty(card.novelty)]]),
    ['job', card.job],
    ['created', card.createdAt],
    ['package', file.replace(/[/\\]?card\.json$/, '')],
  ];
  const next = `Look at its report, predict with it, verify its files, or promote it:
  graft model ${name}@${version} --html report.html
  graft predict ${name}@${version} IMAGE...
  graft verify ${name}@${version}
  graft promote ${name}@${version} prod`;
  const compared = card.backbones === undefined ? [] : [describeBackbones(card.backbones)];
  return [table(rows), ...compared, describeClasses(test), next].join('\n');
}

function namesOf(version: number, aliases: Readonly<Record<string, number>>): string[] {
  return Object.entries(aliases).flatMap(([alias, points]) => (points === version ? [alias] : []));
}
