import { describe, expect, it } from 'vitest';
import { imageFormat } from '../../../lib/images/image-format.ts';

describe('imageFormat', () => {
  const cases: readonly { head: string; name: string; accepted: boolean }[] = [
    { head: '\xff\xd8\xff\xe0', name: 'JPEG', accepted: true },
    { head: '\x89PNG\r\n\x1a\n', name: 'PNG', accepted: true },
    { head: 'GIF87a', name: 'GIF', accepted: true },
    { head: 'RIFF\0\0\0\0WEBPVP8 ', name: 'WebP', accepted: true },
    { head: 'RIFF\0\0\0\0AVI LIST', name: 'no image format that is known', accepted: false },
    { head: 'MM\0*', name: 'TIFF', accepted: true },
    { head: '\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf', name: 'AVIF', accepted: true },
    { head: '\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf', name: 'AVIF', accepted: true },
    { head: '\0\0\0\x18ftypheic\0\0\0\0mif1heic', name: 'HEIC', accepted: false },
    { head: '\0\0\0\x18ftypmif1\0\0\0\0mif1heic', name: 'HEIC', accepted: false },
    { head: '\0\0\0\x14ftypmp42\0\0\0\0isom', name: 'a video', accepted: false },
    { head: 'BM\x36\0', name: 'BMP', accepted: false },
    {
      head: '<?xml version="1.0"?>\n<!-- drawn by hand -->\n<svg xmlns="http://www.w3.org/2000/svg">',
      name: 'SVG',
      accepted: false,
    },
    { head: '<!--ftypavif--><svg xmlns="http://www.w3.org/2000/svg">', name: 'SVG', accepted: false },
    { head: '    ftypavif    avifmif1miaf<svg>', name: 'SVG', accepted: false },
    { head: '\0\0\0\x0cftypavif<svg>', name: 'SVG', accepted: false },
    { head: '\0\0\0\x1eftypavif\0\0\0\0avifmif1miaf\0\0', name: 'no image format that is known', accepted: false },
    { head: '\0\0\0\x1cftypmp42avif\0\0\0\0isomiso2', name: 'a video', accepted: false },
    { head: '\xff\0\0\x1cftypavif\0\0\0\0avifmif1miaf', name: 'no image format that is known', accepted: false },
    { head: '<!DOCTYPE html><html>', name: 'a web page', accepted: false },
    { head: '<?xml version="1.0"?><annotation>', name: 'XML', accepted: false },
    { head: '%PDF-1.7', name: 'PDF', accepted: false },
    { head: 'PK\x03\x04', name: 'an archive', accepted: false },
    { head: 'path;label\r\na.jpg;cat\r\n', name: 'text', accepted: false },
    { head: '', name: 'no image format that is known', accepted: false },
  ];

  it.each(cases)('tells $name by its first bytes', ({ head, name, accepted }) => {
    expect(imageFormat(Buffer.from(head, 'latin1'))).toMatchObject({ name, accepted });
  });
});
