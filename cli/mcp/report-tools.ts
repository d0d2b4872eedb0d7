import { z } from 'zod';
import { ModelDiff } from '../../lib/contracts/model-diff.ts';
import { ModelReport } from '../../lib/contracts/model-report.ts';
import { ModelRef } from '../../lib/contracts/reference.ts';
import { describeDiff } from '../commands/model-diff.ts';
import { describeReport } from '../commands/model-report.ts';
import { findModelVersion } from '../model-ref.ts';
import { defineTool } from './tool.ts';

/** Entries of long lists; each list has its total beside it. */
const MOST_ENTRIES = 20;
const MOST_LABELS = 100;

const version = ModelRef.describe('NAME, NAME@VERSION or NAME:ALIAS');

const getReport = defineTool({
  name: 'get_report',
  title: 'Show the report of a model',
  description:
    'Shows how good a version is, on images that it was not trained on: metrics with 95% intervals, the weakest classes, ' +
    'confusions, the worst errors, whether more images would help, and a comparison with the alias prod.',
  input: z.strictObject({ ref: version }),
  output: z.strictObject({
    ...ModelReport.pick({
      model: true,
      version: true,
      createdAt: true,
      task: true,
      summary: true,
      dataset: true,
      evaluated: true,
      metrics: true,
      classes: true,
      classCount: true,
      errorCount: true,
      comparison: true,
    }).shape,
    /** The most frequent confusions. */
    confusions: z.array(z.strictObject({ label: z.string(), predicted: z.string(), count: z.int() })),
    confusionCount: z.int(),
    /** The most confident wrong predictions. */
    errors: ModelReport.shape.errors.unwrap(),
    /** Whether more images would help. */
    conclusion: z.string().optional(),
  }),
  async run({ ref }, { context: { client } }) {
    const found = await findModelVersion(ref, client);
    const report = await client.models.report(found.record.name, found.version.version);
    const { model, version, createdAt, task, summary, dataset, evaluated, metrics, classCount, errorCount, comparison } = report;
    return {
      value: {
        model,
        version,
        createdAt,
        task,
        summary,
        dataset,
        evaluated,
        metrics,
        classes: report.classes.slice(0, MOST_ENTRIES),
        classCount,
        confusions: report.confusion?.pairs.slice(0, MOST_ENTRIES) ?? [],
        confusionCount: report.confusion?.pairCount ?? 0,
        errors: (report.errors ?? []).slice(0, MOST_ENTRIES),
        errorCount,
        comparison,
        conclusion: report.sizes?.conclusion,
      },
      text: describeReport(report),
    };
  },
});

const compareVersions = defineTool({
  name: 'compare_versions',
  title: 'Compare two versions',
  description:
    'Compares two versions on the images that both were evaluated on: metrics with 95% intervals of the difference, changed ' +
    'predictions, and how the trainings differ.',
  input: z.strictObject({ before: version, after: version }),
  output: ModelDiff,
  async run({ before, after }, { context: { client } }) {
    const diff = await client.models.diff(before, after);
    const { classes, changes, labels, settings } = diff;
    return {
      value: {
        ...diff,
        classes: classes.slice(0, MOST_ENTRIES),
        changes: changes.slice(0, MOST_ENTRIES),
        labels: { onlyBefore: labels.onlyBefore.slice(0, MOST_LABELS), onlyAfter: labels.onlyAfter.slice(0, MOST_LABELS) },
        settings: settings.slice(0, MOST_ENTRIES),
      },
      text: describeDiff(diff),
    };
  },
});

/** The tools for the evaluation of models. */
export const reportTools = [getReport, compareVersions];
