import type { RefusedFile, SplitPart } from '../../contracts/dataset.ts';
import type { ErrorDetail } from '../../contracts/errors/error-detail.ts';
import { refuse } from '../../contracts/refuse.ts';
import { partNamed } from '../../contracts/split-names.ts';
import { DataError } from '../../errors.ts';
import type { ManifestEntry } from '../labels/manifest-entries.ts';

/** The content of a labelling tool's file. */
export interface Export {
  /** The tool and its format, as its users call it. */
  readonly form: string;
  /** Paths as written: relative to some folder, absolute on another machine, or addresses. */
  readonly entries: readonly (ManifestEntry | RefusedFile)[];
  /** Whether labels come from marked regions, such as boxes, and not from whole images. */
  readonly ofRegions: boolean;
  /** Annotations of images that the file does not list. */
  readonly unused?: number;
}

/** An image in an export; several entries for the same image must agree. */
export interface ExportedImage {
  /** Where in the file. */
  readonly at: string;
  readonly path: string | undefined;
  readonly labels: readonly string[];
  /** A label that the file's own list of labels lacks. */
  readonly unknown?: string | undefined;
  /** The part that it is put into, in the tool's word. */
  readonly part?: string | undefined;
}

interface ExportOptions {
  readonly ofRegions?: boolean;
  /**
   * Whether an image without a label has no positive label. If no image has several labels, it is not labelled yet.
   */
  readonly mayBeEmpty?: boolean;
}

/** Makes labels unique, in order and in composed Unicode. */
export function exportOf(
  form: string,
  images: readonly ExportedImage[],
  { ofRegions = false, mayBeEmpty = false }: ExportOptions = {},
): Export {
  const labelled = images.map((image) => ({ ...image, labels: cleanLabels(image.labels) }));
  const emptyCounts = ofRegions || mayBeEmpty || labelled.some(({ labels }) => labels.length > 1);
  return { form, ofRegions, entries: labelled.map((image) => entryOf(image, emptyCounts)) };
}

function cleanLabels(labels: readonly string[]): string[] {
  const written = labels.filter((label) => label.trim() !== '').map((label) => label.normalize('NFC'));
  return [...new Set(written)].sort();
}

function entryOf({ at, path, labels, unknown, part }: ExportedImage, emptyCounts: boolean): ManifestEntry | RefusedFile {
  if (path === undefined || path.trim() === '')
    return refuse(at, 'MANIFEST_ROW_INCOMPLETE', { expected: 'the path of an image', fix: 'name the image, or remove this' });
  if (unknown !== undefined) return refuse(path, 'MANIFEST_LABEL_UNKNOWN', { at, ...notListed, received: unknown });
  if (labels.length === 0 && !emptyCounts) return refuse(path, 'MANIFEST_LABEL_MISSING', { at, ...notLabelled });
  const split = part === undefined || part.trim() === '' ? undefined : (partNamed(part) ?? 'unknown');
  if (split === 'unknown') return refuse(path, 'MANIFEST_SPLIT_UNKNOWN', { at, ...noPart, received: part });
  return { path, labels: { labels: [...labels], ...(isPart(split) && { split }) } };
}

function isPart(split: SplitPart | 'unassigned' | undefined): split is SplitPart {
  return split !== undefined && split !== 'unassigned';
}

/** The error for a file of a supported tool that has no labels for image classification. */
export function taskIncompatible(at: string, detail: Omit<ErrorDetail, 'at'>): DataError {
  return new DataError('EXPORT_INCOMPATIBLE', { at, ...detail });
}

/** Collects labels by image, for files with one label per line or shape. */
export function collectLabels(): {
  add(path: string, at: string, labels: readonly string[], part?: string): void;
  images(): ExportedImage[];
} {
  const known = new Map<string, { at: string; labels: string[]; part?: string | undefined }>();
  return {
    add(path, at, labels, part) {
      const image = known.get(path) ?? { at, labels: [], part };
      image.labels.push(...labels);
      known.set(path, image);
    },
    images: () => [...known].map(([path, image]) => ({ path, ...image })),
  };
}

const notListed = { expected: "a label of the file's own list", fix: 'export it again from the tool' };
const notLabelled = { expected: 'a label', received: 'none', fix: 'label it in the tool and export again, or remove the image' };
const noPart = { expected: 'train, validation or test', fix: 'use one of them, or leave it out' };
