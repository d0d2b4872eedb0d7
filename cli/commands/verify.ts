import { createHash } from 'node:crypto';
import { type RepeatedReferences, referenceFiles } from '../../lib/models/reference-files.ts';
import type { PredictReferences, RepeatOptions } from '../../lib/models/reference-predictions.ts';
import { findChromium } from '../chromium/find-chromium.ts';
import type { Context } from '../context.ts';
import { findModelVersion } from '../model-ref.ts';
import { EXIT, type Output, table } from '../output.ts';

interface CheckedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Whether the file matches the card; for a file that the card does not list, whether it is complete. */
  readonly ok: boolean;
}

export interface VerifyOptions {
  /** Where to run the model on its reference images, too. */
  readonly in?: 'chromium';
}

/**
 * graft verify REF: reads the files of a package, compares them with the card, which was written with the model, and
 * runs the model on its reference images again, in this process and, on request, in a browser.
 * @throws UsageError BROWSER_NOT_FOUND; RuntimeError BROWSER_FAILED; DataError REFERENCES_UNREADABLE
 */
export async function verify(ref: string, { in: inside }: VerifyOptions, { client }: Context, output: Output): Promise<number> {
  // Before the package is downloaded, which may take a while.
  const executable = inside === undefined ? undefined : findChromium(process.env);
  const { record, version } = await findModelVersion(ref, client);
  const [{ card }, { files }] = await Promise.all([
    client.models.version(record.name, version.version),
    client.models.files(record.name, version.version),
  ]);
  const checked: CheckedFile[] = [];
  const contents = new Map<string, Uint8Array>();
  for (const file of files) {
    output.progress(`checking: ${file.name}`);
    const bytes = await client.fetchFile(file);
    if (REPLAYED.includes(file.name)) contents.set(file.name, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const ok = bytes.length === file.size && holds(file.name, bytes, sha256, card);
    checked.push({ name: file.name, size: bytes.length, sha256, ok });
  }
  output.endProgress();
  const missing = ['model.onnx', 'card.json', 'labels.json'].filter((name) => files.every((file) => file.name !== name));
  const isIntact = missing.length === 0 && checked.every((file) => file.ok);
  const references = isIntact ? await repeated(contents) : undefined;
  if (isIntact && executable !== undefined) output.progress('predicting the reference images in Chromium');
  const chromium = isIntact && executable !== undefined ? await repeatedInChromium(contents, executable) : undefined;
  output.endProgress();
  const ok = isIntact && (references?.ok ?? true) && (chromium?.ok ?? true);
  const called = `${record.name}@${version.version}`;
  output.result(
    {
      model: record.name,
      version: version.version,
      ok,
      files: checked,
      missing,
      ...(references && { references }),
      ...(chromium && { chromium }),
    },
    [
      table(
        checked.map(({ name, size, sha256, ok: fits }) => [
          name,
          `${size} bytes`,
          sha256,
          fits ? 'matches the card' : 'DOES NOT MATCH THE CARD',
        ]),
      ),
      ...missing.map((name) => `${name} is missing`),
      references === undefined ? '' : describeReferences(references, 'onnxruntime-node'),
      chromium === undefined ? '' : describeReferences(chromium, `onnxruntime-web in ${chromium.browser}`),
      executable !== undefined && isIntact && chromium === undefined
        ? 'The package has no reference images to predict in Chromium.'
        : '',
      ok ? `${called} is intact.` : `${called} is damaged. Train it again, or use another version:\n  graft models`,
    ]
      .filter(Boolean)
      .join('\n'),
  );
  return ok ? EXIT.done : EXIT.failed;
}

const REPLAYED: readonly string[] = ['model.onnx', referenceFiles.images, referenceFiles.predictions];

/** @returns undefined for a package of an earlier version, which has no reference images */
async function repeatedInChromium(
  contents: ReadonlyMap<string, Uint8Array>,
  executable: string,
): Promise<(RepeatedReferences & { readonly browser: string }) | undefined> {
  const { predictInChromium } = await import('../chromium/predict-in-chromium.ts');
  let name = '';
  const predictBy: PredictReferences = async (onnx, images, size) => {
    const { probabilities, browser } = await predictInChromium(onnx, images, size, { executable });
    name = browser;
    return probabilities;
  };
  const references = await repeated(contents, { predictBy });
  return references && { ...references, browser: name };
}

/** @returns undefined for a package of an earlier version, which has no reference images */
async function repeated(
  contents: ReadonlyMap<string, Uint8Array>,
  options?: RepeatOptions,
): Promise<RepeatedReferences | undefined> {
  const [onnx, images, predictions] = REPLAYED.map((name) => contents.get(name));
  if (onnx === undefined || images === undefined || predictions === undefined) return undefined;
  const { repeatReferences } = await import('../../lib/models/reference-predictions.ts');
  return repeatReferences(onnx, { images, predictions }, options);
}

function describeReferences({ images, largestDifference, ok }: RepeatedReferences, where: string): string {
  const difference = `the largest difference of a probability is ${largestDifference.toPrecision(2)}`;
  return ok
    ? `${images} reference images give the same probabilities in ${where}: ${difference}.`
    : `${images} reference images give OTHER PROBABILITIES in ${where}: ${difference}.`;
}

function holds(
  name: string,
  bytes: Uint8Array,
  sha256: string,
  card: { readonly modelDigest: string; readonly labels: readonly string[]; readonly job: string },
): boolean {
  switch (name) {
    case 'model.onnx':
      return sha256 === card.modelDigest.replace(/^sha256-/, '');
    case 'labels.json':
      return JSON.stringify(readJson(bytes)) === JSON.stringify(card.labels);
    case 'card.json':
      return JSON.stringify(readJson(bytes)).includes(card.job);
    default:
      return !name.endsWith('.json') || readJson(bytes) !== undefined;
  }
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
