import { type RepeatedReferences, referenceFiles } from '../../lib/models/reference-files.ts';
import type { PredictReferences, RepeatOptions } from '../../lib/models/reference-predictions.ts';
import { findChromium } from '../chromium/find-chromium.ts';
import type { Context } from '../context.ts';
import { type CheckedFile, checkFile, type FileCheck, knownFiles } from '../files/check-file.ts';
import { findModelVersion } from '../model-ref.ts';
import { EXIT, type Output, table } from '../output.ts';

export interface VerifyOptions {
  /** Where to run the model on its reference images, too. */
  readonly in?: 'chromium';
}

/**
 * graft verify REF: reads the files of a package and compares each with its SHA-256: that of the card is in the registry,
 * those of the model and of the other files are in the card. Then runs the model on its reference images again, in this
 * process and, on request, in a browser.
 * @throws UsageError BROWSER_NOT_FOUND; RuntimeError BROWSER_FAILED; DataError REFERENCES_UNREADABLE
 */
export async function verify(ref: string, { in: inside }: VerifyOptions, { client }: Context, output: Output): Promise<number> {
  // Before the package is downloaded, which may take a while.
  const executable = inside === undefined ? undefined : findChromium(process.env);
  const { record, version } = await findModelVersion(ref, client);
  const { files } = await client.models.files(record.name, version.version);
  const cardFile = files.find(({ name }) => name === 'card.json');
  const card = cardFile && (await client.fetchFile(cardFile));
  const known = knownFiles(card, version.cardDigest);
  const checked: CheckedFile[] = [];
  const contents = new Map<string, Uint8Array>();
  for (const file of files) {
    output.progress(`checking: ${file.name}`);
    const bytes = file === cardFile && card !== undefined ? card : await client.fetchFile(file);
    if (REPLAYED.includes(file.name)) contents.set(file.name, bytes);
    checked.push(checkFile(file.name, bytes, file.size, known));
  }
  output.endProgress();
  const expected = new Set([...ALWAYS_THERE, ...known.digests.keys()]);
  const missing = [...expected].filter((name) => files.every((file) => file.name !== name));
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
        checked.map(({ name, size, sha256, check, ok: fits }) => [
          name,
          `${size} bytes`,
          sha256,
          (fits ? PASSED : FAILED)[check],
        ]),
      ),
      ...missing.map((name) => `${name} is missing`),
      references === undefined ? '' : describeReferences(references, 'onnxruntime-node'),
      chromium === undefined ? '' : describeReferences(chromium, `onnxruntime-web in ${chromium.browser}`),
      executable !== undefined && isIntact && chromium === undefined
        ? 'The package has no reference images to predict in Chromium.'
        : '',
      ok ? describeIntact(called, checked) : `${called} is damaged. Train it again, or use another version:\n  graft models`,
    ]
      .filter(Boolean)
      .join('\n'),
  );
  return ok ? EXIT.done : EXIT.failed;
}

/** The files that packages of all releases have. */
const ALWAYS_THERE = ['model.onnx', 'card.json', 'labels.json'];

const PASSED: Readonly<Record<FileCheck, string>> = {
  digest: 'matches its SHA-256',
  card: 'matches the card',
  format: 'readable, has no SHA-256',
  nothing: 'not checked, has no SHA-256',
};
const FAILED: Readonly<Record<FileCheck, string>> = {
  digest: 'DOES NOT MATCH ITS SHA-256',
  card: 'DOES NOT MATCH THE CARD',
  format: 'UNREADABLE',
  nothing: 'INCOMPLETE',
};

/** Names the files of which nobody knows the SHA-256 at publication, so that a change of them cannot be found. */
function describeIntact(called: string, checked: readonly CheckedFile[]): string {
  const unknown = checked.filter(({ check }) => check === 'format' || check === 'nothing').map(({ name }) => name);
  const limits = unknown.length === 0 ? '' : ` Changes of these files would not be found: ${unknown.join(', ')}.`;
  return `${called} is intact.${limits}`;
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
