/** A format: one that Graft decodes, or one that it only recognizes, to name it in the error. */
export interface ImageFormat {
  readonly name: string;
  readonly accepted: boolean;
}

export const acceptedFormats = 'JPEG, PNG, WebP, GIF, AVIF or TIFF';

/** Number of bytes to search for a signature; text signatures may be anywhere in them. */
const headLength = 512;

/**
 * Detects a file's format by its first bytes, never by its name. Only accepted formats reach the decoder, which loads
 * no others either (open-image.ts).
 */
export function imageFormat(bytes: Uint8Array): ImageFormat {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, headLength)).toString('latin1');
  const format = formats.find(({ matches }) => matches(head));
  return format === undefined ? { name: 'no image format that is known', accepted: false } : format;
}

interface KnownFormat extends ImageFormat {
  /**
   * Tells whether a file has this format.
   * @param head the first bytes, one character per byte
   */
  readonly matches: (head: string) => boolean;
}

const formats: readonly KnownFormat[] = [
  accepted('JPEG', startsWith('\xff\xd8\xff')),
  accepted('PNG', startsWith('\x89PNG\r\n\x1a\n')),
  accepted('GIF', startsWith('GIF87a', 'GIF89a')),
  accepted('WebP', (head) => head.startsWith('RIFF') && head.startsWith('WEBP', 8)),
  accepted('AVIF', hasBrand('avif', 'avis')),
  accepted('TIFF', startsWith('II*\0', 'MM\0*', 'II+\0', 'MM\0+')),
  refused('HEIC', hasBrand('heic', 'heix', 'hevc', 'hevx', 'heim', 'heis')),
  refused('HEIF', hasBrand('mif1', 'msf1')),
  refused('a video', (head) => brandsOf(head).length > 0 || head.startsWith('\x1aE\xdf\xa3')),
  refused('BMP', startsWith('BM')),
  refused('JPEG XL', startsWith('\xff\x0a', '\0\0\0\x0cJXL ')),
  refused('JPEG 2000', startsWith('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51')),
  refused('Photoshop', startsWith('8BPS')),
  refused('an icon', startsWith('\0\0\x01\0')),
  refused('PDF', startsWith('%PDF')),
  refused('an archive', startsWith('PK\x03\x04', '\x1f\x8b', '7z\xbc\xaf', 'Rar!')),
  refused('SVG', (head) => /<svg[\s>]/i.test(head)),
  refused('a web page', (head) => /<!doctype html|<html[\s>]/i.test(head)),
  refused('XML', (head) => /^\s*<\?xml/.test(head)),
  refused('text', (head) => head.length > 0 && /^[\t\n\r\x20-\x7e]*$/.test(head)),
];

function accepted(name: string, matches: KnownFormat['matches']): KnownFormat {
  return { name, accepted: true, matches };
}

function refused(name: string, matches: KnownFormat['matches']): KnownFormat {
  return { name, accepted: false, matches };
}

function startsWith(...signatures: readonly string[]): KnownFormat['matches'] {
  return (head) => signatures.some((signature) => head.startsWith(signature));
}

function hasBrand(...wanted: readonly string[]): KnownFormat['matches'] {
  return (head) => brandsOf(head).some((brand) => wanted.includes(brand));
}

/**
 * Returns the brands of an ISO base media file (ISO/IEC 14496-12). Such a file begins with a box: its size in bytes
 * (uint32, big endian), `ftyp`, the major brand, a version, and the compatible brands. Other boxes, and boxes longer
 * than the head, have no brands here.
 */
function brandsOf(head: string): string[] {
  const size = Buffer.from(head.slice(0, 4), 'latin1');
  const end = size.length === 4 ? size.readUInt32BE() : 0;
  if (!head.startsWith('ftyp', 4) || end < 16 || end % 4 !== 0 || end > head.length) return [];
  const brands = [head.slice(8, 12)];
  for (let at = 16; at < end; at += 4) brands.push(head.slice(at, at + 4));
  return brands;
}
