import { leafMembers } from '../../lib/contracts/explain/leaf-members.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import type { ModelCard } from '../../lib/contracts/model-card.ts';
import type { ModelVersionDetails } from '../../lib/contracts/model-http.ts';
import { counted } from '../../lib/format.ts';
import { table } from '../output.ts';

/** What a version was made from, as its card has it: with the same of all of it, a job makes the same model. */
export interface Lineage {
  readonly model: string;
  readonly version: number;
  /** SHA-256 of model.onnx. */
  readonly modelDigest: string;
  readonly job: string;
  readonly createdAt: string;
  readonly dataset: string;
  readonly datasetDigest: string;
  readonly backbone: ModelCard['backbone'];
  /** The kind of processor that computed the features, and how much others differ. Absent in cards of earlier versions. */
  readonly features?: ModelCard['features'];
  /** Chosen for the backbone. Absent if the job did not ask for int8. */
  readonly backbonePrecision?: Pick<NonNullable<ModelCard['backbonePrecision']>, 'used' | 'calibrationImages'>;
  readonly strategy: Pick<ModelCard['strategy'], 'name' | 'cut'>;
  /** The members of the job's spec that differ from the defaults, by path. */
  readonly spec: Readonly<Record<string, unknown>>;
  readonly runtime: string;
  /** Of the runtime, Node and Graft. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Picks the lineage of a version from its card. */
export function lineageOf({ model, version, card }: ModelVersionDetails): Lineage {
  const { modelDigest, job, createdAt, spec, datasetDigest, backbone, features, backbonePrecision, strategy, runtime, versions } =
    card;
  const defaults = leafMembers(JobSpec.parse({ name: spec.name, dataset: spec.dataset }));
  const chosen = [...leafMembers(spec)].filter(([path, value]) => JSON.stringify(value) !== JSON.stringify(defaults.get(path)));
  return {
    model,
    version,
    modelDigest,
    job,
    createdAt,
    dataset: spec.dataset,
    datasetDigest,
    backbone,
    ...(features && { features }),
    ...(backbonePrecision && {
      backbonePrecision: { used: backbonePrecision.used, calibrationImages: backbonePrecision.calibrationImages },
    }),
    strategy: { name: strategy.name, cut: strategy.cut },
    spec: Object.fromEntries(chosen),
    runtime,
    versions,
  };
}

/** The lineage as a table. */
export function describeLineage({ model, version, backbone, strategy, spec, versions, ...made }: Lineage): string {
  const { graft = 'of a version that did not record it', ...runtimes } = versions;
  const precision = describePrecision(backbone, made);
  const rows = [
    ['model', `${model}@${version}, SHA-256 ${made.modelDigest}`],
    ['job', `${made.job}, ${made.createdAt}`],
    ['data set', made.dataset],
    ['its digest', made.datasetDigest],
    ['backbone', `${backbone.name}, ${backbone.inputSize.join('x')} pixels, ${backbone.licence}`],
    ['its weights', `SHA-256 ${backbone.weightsDigest}`],
    ...(made.features === undefined ? [] : [['features', describeFeatures(made.features)]]),
    ...(precision === undefined ? [] : [['precision', precision]]),
    ['strategy', `${strategy.name}, cut at ${strategy.cut}`],
    ['runtime', [made.runtime, ...Object.entries(runtimes).map(([name, number]) => `${name} ${number}`)].join(', ')],
    ['Graft', graft],
  ];
  const chosen = Object.entries(spec).map(([path, value]) => [`  ${path}`, JSON.stringify(value)]);
  return [
    table(rows),
    ...(chosen.length === 0
      ? ['The spec has only defaults.']
      : ['Members of the spec that differ from the defaults:', table(chosen)]),
    `Compare it with another version:\n  graft model-diff ${model}@${version} REF`,
  ].join('\n');
}

function describeFeatures({ processors, tolerance }: NonNullable<Lineage['features']>): string {
  const computed = `computed on ${processors.join(', ')}`;
  return tolerance === undefined
    ? computed
    : `${computed}; on other processors, they differ by ${tolerance} of the largest at most`;
}

/** What the backbone computes in. Undefined if it is float32, and the job had no choice. */
function describePrecision(
  { precision }: Lineage['backbone'],
  { backbonePrecision }: Pick<Lineage, 'backbonePrecision'>,
): string | undefined {
  if (precision === undefined) return backbonePrecision?.used;
  const images = backbonePrecision?.calibrationImages.length ?? 0;
  return images === 0
    ? `${precision}, as the model that it builds on`
    : `${precision}, calibrated on ${counted(images, 'training image')}`;
}
