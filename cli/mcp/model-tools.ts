import { z } from 'zod';
import { ModelCard } from '../../lib/contracts/model-card.ts';
import { AliasRecord } from '../../lib/contracts/model-http.ts';
import { ModelVersion } from '../../lib/contracts/model-version.ts';
import { Alias, Name } from '../../lib/contracts/names.ts';
import { ModelRef, parseReference } from '../../lib/contracts/reference.ts';
import { counted } from '../../lib/format.ts';
import { describeAlias } from '../describe/describe-alias.ts';
import { headline } from '../describe/describe-metrics.ts';
import { findModelVersion } from '../model-ref.ts';
import { page } from './inputs.ts';
import { Scores, scoresOf } from './job-view.ts';
import { defineTool } from './tool.ts';

const MOST_VERSIONS = 20;
/** Of each model of a list. */
const MOST_LISTED_VERSIONS = 3;
const MOST_LABELS = 100;
const MOST_MOVES = 10;

const Version = ModelVersion.omit({ package: true, cardDigest: true });
/** The images of the metrics. */
const EvaluatedOn = z.enum(['test', 'validation']);
const Aliases = z.record(Alias, z.int()).describe('The version that each alias points to.');

const listModels = defineTool({
  name: 'list_models',
  title: 'List models',
  description: 'Lists the models, each with its newest versions and its aliases.',
  input: z.strictObject(page),
  output: z.strictObject({
    models: z.array(z.strictObject({ name: Name, aliases: Aliases, versions: z.array(Version), versionCount: z.int() })),
    next: z.string().optional(),
  }),
  async run(args, { context: { client } }) {
    const { models, next } = await client.models.list(args);
    const rows = models.map(({ name, aliases, versions, versionCount = versions.length }) => {
      return { name, aliases, versions: newest(versions, MOST_LISTED_VERSIONS), versionCount };
    });
    const lines = rows.flatMap(({ name, aliases, versions }) =>
      versions.map(({ version, ...scores }) =>
        [`${name}@${version}`, headline(scores, 1), ...namesOf(version, aliases)].filter(Boolean).join(', '),
      ),
    );
    return { value: { models: rows, next }, text: lines.join('\n') || 'There are no models yet.' };
  },
});

const getModel = defineTool({
  name: 'get_model',
  title: 'Show a model',
  description:
    'Shows a version of a model: data set, backbone, strategy, labels, metrics; and the versions and aliases of the model. ' +
    'With NAME:ALIAS also the history and the gate of the alias.',
  input: z.strictObject({ ref: ModelRef.describe('NAME, NAME@VERSION or NAME:ALIAS') }),
  output: z.strictObject({
    model: Name,
    version: z.int(),
    aliases: Aliases,
    /** Newest first. */
    versions: z.array(Version),
    versionCount: z.int(),
    ...ModelCard.pick({ job: true, createdAt: true, task: true, runtime: true }).shape,
    dataset: z.string(),
    labels: z.array(z.string()),
    labelCount: z.int(),
    backbone: z.strictObject({ name: z.string(), inputSize: z.array(z.int()), licence: z.string() }),
    strategy: z.strictObject({ name: z.string(), cut: z.string(), reason: z.string() }),
    evaluatedOn: EvaluatedOn,
    metrics: Scores,
    alias: AliasRecord.optional(),
  }),
  async run({ ref }, { context: { client } }) {
    const { record, version: found } = await findModelVersion(ref, client);
    const { name: model, aliases, versions, versionCount = versions.length } = record;
    const { version } = found;
    const { card } = await client.models.version(model, version);
    const { job, createdAt, task, runtime, labels, labelCount = labels.length, backbone, strategy } = card;
    const named = parseReference(ref)?.alias;
    const alias = named === undefined ? undefined : shortened(await client.models.getAlias(model, named));
    const evaluatedOn: z.infer<typeof EvaluatedOn> = card.metrics.test === undefined ? 'validation' : 'test';
    const metrics = scoresOf(card.metrics.test ?? card.metrics.validation);
    return {
      value: {
        model,
        version,
        aliases,
        versions: newest(versions, MOST_VERSIONS),
        versionCount,
        job,
        createdAt,
        task,
        runtime,
        dataset: card.spec.dataset,
        labels: labels.slice(0, MOST_LABELS),
        labelCount,
        backbone: { name: backbone.name, inputSize: backbone.inputSize, licence: backbone.licence },
        strategy: { name: strategy.name, cut: strategy.cut, reason: strategy.reason },
        evaluatedOn,
        metrics,
        alias,
      },
      text: [
        [`${model}@${version}`, ...namesOf(version, aliases)].join(', '),
        `${headline(metrics)}; ${counted(labelCount, 'label')}; ${backbone.name}, ${strategy.name}; trained on ${card.spec.dataset}.`,
        ...(alias === undefined ? [] : [describeAlias(alias)]),
      ].join('\n'),
    };
  },
});

function newest(versions: readonly ModelVersion[], most: number): z.infer<typeof Version>[] {
  return versions
    .slice(-most)
    .reverse()
    .map(({ package: _, cardDigest: __, ...version }) => version);
}

function shortened({ history, previous, ...alias }: AliasRecord): AliasRecord {
  return { ...alias, previous: previous.slice(-MOST_MOVES), ...(history && { history: history.slice(-MOST_MOVES) }) };
}

function namesOf(version: number, aliases: Readonly<Record<string, number>>): string[] {
  return Object.entries(aliases).flatMap(([alias, points]) => (points === version ? [alias] : []));
}

/** The tools for models. */
export const modelTools = [listModels, getModel];
