/** Jobs of a model version in the forms in which a user can copy them. */
import type { BatchPredictSpec } from '../lib/contracts/job.ts';
import type { ExportInput } from '../lib/contracts/model-export.ts';
import { type Action, actionOf, quoted } from './actions.ts';
import { apiAddress } from './api.ts';

export function evaluateAction(reference: string, dataset: string): Action {
  return actionOf(apiAddress, {
    method: 'POST',
    path: `/v1/models/${encodeURIComponent(reference)}/evaluations`,
    body: { dataset },
    command: ['evaluate', reference, '--dataset', dataset],
    call: `const job = await client.models.evaluate(${quoted(reference)}, ${quoted(dataset)});`,
  });
}

/** What a request for an export says: of float32, which is the default and loses nothing, only the format. */
export function exportBody({ format, precision = 'float32', maxLoss }: ExportInput): ExportInput {
  return precision === 'float32' ? { format } : { format, precision, maxLoss };
}

export function exportAction(reference: string, wanted: ExportInput): Action {
  const body = exportBody(wanted);
  const { format, precision, maxLoss } = body;
  return actionOf(apiAddress, {
    method: 'POST',
    path: `/v1/models/${encodeURIComponent(reference)}/exports`,
    body,
    command: [
      'export',
      reference,
      `${reference.replace(/[@:]/, '-')}-${format}`,
      '--to',
      format,
      ...(precision === undefined ? [] : ['--precision', precision]),
      ...(maxLoss === undefined ? [] : ['--max-loss', `${maxLoss}`]),
    ],
    call: `const job = await client.models.export(${quoted(reference)}, ${JSON.stringify(body)});`,
  });
}

export function batchAction({ name, version, dataset, prefix, source, ...options }: BatchPredictSpec): Action {
  const reference = `${name}@${version}`;
  const { topK, threshold, abstain, precision } = options;
  const images = dataset ?? source ?? prefix ?? '';
  const body = { ...(dataset === undefined ? { prefix: images } : { dataset }), ...options };
  const flags = { top: topK, threshold, abstain, precision };
  return actionOf(apiAddress, {
    method: 'POST',
    path: `/v1/models/${encodeURIComponent(reference)}/batch-predictions`,
    body,
    command: [
      'predict-batch',
      reference,
      images,
      '--out',
      `${name}-${version}.jsonl`,
      ...Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, `${value}`])),
    ],
    call: `const job = await client.models.batchPredict(${quoted(reference)}, ${JSON.stringify(body)});`,
  });
}
