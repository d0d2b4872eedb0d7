import { ModelCard } from '../../lib/contracts/model-card.ts';
import { reportFiles } from '../../lib/models/report-files.ts';
import { digestOf } from '../../lib/models/served-package.ts';
import { decodeScores } from '../../lib/reports/measure/scored-images.ts';

/** What a card says about the files of its package. */
const FilesOfCard = ModelCard.pick({ modelDigest: true, labels: true, files: true }).strip();

/**
 * What a file was compared with: the SHA-256 of publication; the members of the card; the format of such files only; or
 * nothing, since a page has none that could be checked.
 */
export type FileCheck = 'digest' | 'card' | 'format' | 'nothing';

export interface CheckedFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  readonly check: FileCheck;
  /** Whether the file passed the check. */
  readonly ok: boolean;
}

/** What is known of the files of a package. */
export interface KnownFiles {
  /** SHA-256 in hexadecimal, by name. */
  readonly digests: ReadonlyMap<string, string>;
  /** Undefined if the card cannot be read. */
  readonly labels: readonly string[] | undefined;
}

/**
 * Collects what a card and its version say about the files of the package.
 * @param card bytes of card.json; undefined if it is missing
 * @param cardDigest of the version; undefined for one of an earlier release
 */
export function knownFiles(card: Uint8Array | undefined, cardDigest: string | undefined): KnownFiles {
  const { data } = FilesOfCard.safeParse(card && readJson(card));
  const model = data && (['model.onnx', data.modelDigest.replace(/^sha256-/, '')] as const);
  const digests = new Map([
    ...Object.entries(data?.files ?? {}),
    ...(model === undefined ? [] : [model]),
    ...(cardDigest === undefined ? [] : [['card.json', cardDigest] as const]),
  ]);
  return { digests, labels: data?.labels };
}

/** Checks a file of a package against the most that is known of it. @param size as listed, in bytes */
export function checkFile(name: string, bytes: Uint8Array, size: number, known: KnownFiles): CheckedFile {
  const sha256 = digestOf(bytes);
  const { check, ok } = resultOf(name, bytes, sha256, known);
  return { name, size: bytes.length, sha256, check, ok: ok && bytes.length === size };
}

function resultOf(
  name: string,
  bytes: Uint8Array,
  sha256: string,
  { digests, labels }: KnownFiles,
): Pick<CheckedFile, 'check' | 'ok'> {
  const digest = digests.get(name);
  if (digest !== undefined) return { check: 'digest', ok: sha256 === digest };
  if (name === 'card.json') return { check: 'format', ok: labels !== undefined };
  if (name === 'labels.json') return { check: 'card', ok: JSON.stringify(readJson(bytes)) === JSON.stringify(labels) };
  if (name === reportFiles.scores) return { check: 'format', ok: holdsScores(bytes) };
  if (name.endsWith('.json')) return { check: 'format', ok: readJson(bytes) !== undefined };
  return { check: 'nothing', ok: true };
}

function holdsScores(bytes: Uint8Array): boolean {
  try {
    decodeScores(bytes, reportFiles.scores);
    return true;
  } catch {
    return false;
  }
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
