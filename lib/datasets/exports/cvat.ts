import sax from 'sax';
import { partOfFile } from '../../contracts/split-names.ts';
import { DataError } from '../../errors.ts';
import { decodeText, textEncoding } from '../labels/decode-text.ts';
import { type Export, type ExportedImage, exportOf, taskIncompatible } from './export.ts';

// What a polygon or mask is made of is one value, and longer than the parser's 64 KB.
Object.assign(sax, { MAX_BUFFER_LENGTH: 2 ** 24 });

const shapes = ['box', 'polygon', 'polyline', 'points', 'cuboid', 'ellipse', 'mask', 'skeleton'];

interface CvatImage {
  readonly name: string | undefined;
  readonly subset: string | undefined;
  readonly tags: string[];
  readonly shapes: string[];
}

/**
 * Reads CVAT for images 1.1 (https://docs.cvat.ai/docs/other/xml_format/): the tags of images; without tags, the labels
 * of all shapes in an image. It parses a stream of elements, and stops at a document type, which could expand entities.
 * @returns undefined if the file is not CVAT
 * @throws DataError MANIFEST_UNREADABLE if it is truncated; EXPORT_INCOMPATIBLE for CVAT for video
 */
export function readCvat(name: string, bytes: Uint8Array): Export | undefined {
  const images: CvatImage[] = [];
  const tree: string[] = [];
  let isCvat = false;
  const parser = new sax.SAXParser(true, {});
  parser.ondoctype = () => {
    throw new Error('it has a document type, which CVAT does not write');
  };
  parser.onerror = (error) => {
    throw error;
  };
  parser.onopentag = ({ name: element, attributes }) => {
    if (tree.length === 0 && element !== 'annotations') throw new Error('not CVAT');
    isCvat ||= tree.length === 1 && ['version', 'meta', 'image', 'track'].includes(element);
    const label = textOf(attributes.label);
    const image = images.at(-1);
    if (tree.length === 1 && element === 'track') throw taskIncompatible(name, video);
    if (tree.length === 1 && element === 'image')
      images.push({ name: textOf(attributes.name), subset: textOf(attributes.subset), tags: [], shapes: [] });
    else if (tree.length === 2 && tree[1] === 'image' && image !== undefined && label !== undefined) {
      if (element === 'tag') image.tags.push(label);
      else if (shapes.includes(element)) image.shapes.push(label);
    }
    tree.push(element);
  };
  parser.onclosetag = () => {
    tree.pop();
  };
  try {
    for (const text of decodeText(bytes, textEncoding(bytes))) parser.write(text);
    parser.close();
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    if (!isCvat) return undefined;
    const received = cause instanceof Error ? cause.message.replaceAll('\n', ', ') : String(cause);
    throw new DataError('MANIFEST_UNREADABLE', { at: name, expected: 'complete XML', received, fix: 'export it again', cause });
  }
  return isCvat ? cvatExport(name, images) : undefined;
}

function cvatExport(name: string, images: readonly CvatImage[]): Export {
  const ofRegions = !images.some(({ tags }) => tags.length > 0) && images.some((image) => image.shapes.length > 0);
  const exported = images.map(
    (image): ExportedImage => ({
      at: name,
      path: image.name,
      labels: ofRegions ? image.shapes : image.tags,
      // Subsets have any names; those of parts put their images there.
      part: image.subset === undefined ? undefined : partOfFile(image.subset),
    }),
  );
  return exportOf('CVAT for images', exported, { ofRegions });
}

/** Where namespaces are not asked for, values of attributes are text. */
function textOf(value: string | { readonly value: string } | undefined): string | undefined {
  return typeof value === 'object' ? value.value : value;
}

const video = {
  expected: 'CVAT for images 1.1',
  received: 'CVAT for video 1.1',
  fix: 'export the task from CVAT as "CVAT for images 1.1"',
};
