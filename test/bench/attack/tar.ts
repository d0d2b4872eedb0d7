import { sum } from '../../../lib/arithmetic.ts';

/** Builds a tar of complete entries, one folder per class. */
export function plainTar(entries: readonly { name: string; bytes: Uint8Array }[]): Buffer {
  const blocks = entries.flatMap(({ name, bytes }) => [
    tarHeader({ name, size: bytes.length }),
    bytes,
    Buffer.alloc((512 - (bytes.length % 512)) % 512),
  ]);
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** POSIX type: `0` file, `1` and `2` links, `5` folder, `x` and `g` PAX headers, `L` long name. */
  readonly type?: string;
  readonly link?: string;
}

/** Builds a 512-byte POSIX header from any values. */
export function tarHeader({ name, size, type = '0', link = '' }: TarHeader): Buffer {
  const header = Buffer.alloc(512);
  header.write(name.slice(0, 99), 0);
  header.write(`0000644\0${'0000000\0'.repeat(2)}`, 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(link.slice(0, 99), 157);
  header.write('ustar\x0000', 257);
  const checksum = sum(header);
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
