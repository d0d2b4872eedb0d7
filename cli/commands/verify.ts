import { createHash } from 'node:crypto';
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

/**
 * graft verify REF: reads the files of a package and compares them with the card, which was written with the model.
 */
export async function verify(ref: string, { client }: Context, output: Output): Promise<number> {
  const { record, version } = await findModelVersion(ref, client);
  const [{ card }, { files }] = await Promise.all([
    client.models.version(record.name, version.version),
    client.models.files(record.name, version.version),
  ]);
  const checked: CheckedFile[] = [];
  for (const file of files) {
    output.progress(`checking: ${file.name}`);
    const bytes = await client.fetchFile(file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const ok = bytes.length === file.size && holds(file.name, bytes, sha256, card);
    checked.push({ name: file.name, size: bytes.length, sha256, ok });
  }
  output.endProgress();
  const missing = ['model.onnx', 'card.json', 'labels.json'].filter((name) => files.every((file) => file.name !== name));
  const ok = missing.length === 0 && checked.every((file) => file.ok);
  const called = `${record.name}@${version.version}`;
  output.result(
    { model: record.name, version: version.version, ok, files: checked, missing },
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
      ok ? `${called} is intact.` : `${called} is damaged. Train it again, or use another version:\n  graft models`,
    ].join('\n'),
  );
  return ok ? EXIT.done : EXIT.failed;
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
