import { nearest } from '../contracts/explain/nearest.ts';
import { type Gate, type GateRule, onlyTaskOf } from '../contracts/gate.ts';
import type { ModelCard } from '../contracts/model-card.ts';
import { SpecError } from '../errors.ts';
import { writeGate } from '../models/gates.ts';
import { readCard } from '../models/model-package.ts';
import { LATEST, readModel, resolveModel } from '../models/registry.ts';
import { ownEntry } from '../own-entry.ts';
import type { ObjectStore } from '../ports.ts';

const INSTEAD: Readonly<Record<ModelCard['task'], string>> = {
  'single-label': 'use accuracy, balancedAccuracy or macroF1',
  'multi-label': 'use macroF1, microF1 or meanAveragePrecision',
  'one-class': 'use accuracy, which is the share of test images that the model knows',
};

/**
 * Sets the gate of an alias, after checking that the model has its labels and metrics: those of the version that the
 * alias points to, or of the latest version if the alias does not exist yet.
 * @throws SpecError GATE_UNSUPPORTED for `latest`, GATE_LABEL_UNKNOWN, GATE_METRIC_INCOMPATIBLE; NotFoundError
 * MODEL_NOT_FOUND; ConflictError GATES_TOO_MANY
 */
export async function setGate(
  { name, alias, gate }: { readonly name: string; readonly alias: string; readonly gate: Gate },
  store: ObjectStore,
): Promise<void> {
  if (alias === LATEST) {
    throw new SpecError('GATE_UNSUPPORTED', {
      at: `${name}:${alias}`,
      expected: 'another alias: every new version moves latest',
      fix: 'use an alias of your own, such as prod',
    });
  }
  const { aliases } = await readModel(name, store);
  const ref = ownEntry(aliases, alias) === undefined ? name : `${name}:${alias}`;
  const { version } = await resolveModel(ref, store);
  const card = await readCard(version, store);
  for (const [index, rule] of gate.rules.entries()) checkRule(rule, `rules.${index}`, card);
  await writeGate(name, alias, gate, store);
}

function checkRule({ metric, label }: GateRule, at: string, { task, labels, model }: ModelCard): void {
  if (label !== undefined && !labels.includes(label)) {
    const meant = nearest(label, labels);
    throw new SpecError('GATE_LABEL_UNKNOWN', {
      at: `${at}.label`,
      expected: `a label of ${model}: ${labels.slice(0, 20).join(', ')}`,
      received: label,
      fix: meant === undefined ? `graft model ${model} lists its labels` : `did you mean ${meant}?`,
    });
  }
  const only = onlyTaskOf(metric) ?? task;
  if (only === task) return;
  throw new SpecError('GATE_METRIC_INCOMPATIBLE', {
    at: `${at}.metric`,
    expected: `a metric of ${task} models`,
    received: `${metric}, which only ${only} models have`,
    fix: INSTEAD[task],
  });
}
