/** The formats that Graft decodes, and the ones it knows by name only so that a refusal can say what came. */
export interface ImageFormat {
  readonly name: string;
  readonly accepted: boolean;
}

export const acceptedFormats = 'JPEG, PNG, WebP, GIF, AVIF or TIFF';

/** Bytes that a signature needs at most: the text forms are looked for in this many. */
const headLength = 512;

/**
 * What a file is by its first bytes, never by its name. Only accepted formats go on to the decoder: libvips would also
 * rasterise SVG and PDF, which may name other files.
 */
export function imageFormat(bytes: Uint8Array): ImageFormat {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, headLength)).toString('latin1');
  const format = formats.find(({ matches }) => matches(head));
  return format === undefined ? { name: 'no image format that is known', accepted: false } : format;
}

interface KnownFormat extends ImageFormat {
  /** @param head the first bytes, one character a byte */
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
  refused('a video', (head) => head.startsWith('ftyp', 4) || head.startsWith('\x1aE\xdf\xa3')),
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

/** ISO base media files (ISO/IEC 14496-12) name their major brand, then the brands they are compatible with. */
function hasBrand(...brands: readonly string[]): KnownFormat['matches'] {
  return (head) => {
    if (!head.startsWith('ftyp', 4)) return false;
    const end = Math.min(head.length, head.charCodeAt(2) * 256 + head.charCodeAt(3));
    for (let at = 8; at + 4 <= end; at += 4) if (brands.includes(head.slice(at, at + 4))) return true;
    return false;
  };
}
