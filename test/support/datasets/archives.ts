import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { temporaryFolder } from '../folder.ts';

/** An entry of a zip file, and what a careless or hostile writer may put wrong in it. */
export interface ZipEntry {
  readonly name: string | Uint8Array;
  readonly bytes?: Uint8Array | string;
  /** Of Unix, such as 0o120777 for a link. */
  readonly mode?: number;
  readonly flags?: number;
  readonly crc32?: number;
  readonly announcedSize?: number;
}

/** A zip file as PKWARE's APPNOTE describes it: each entry deflated, without extra fields. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const bytes = Buffer.from(entry.bytes ?? '');
    const data = deflateRawSync(bytes);
    // Version, flags, method, time, date, CRC-32, sizes, lengths of name and extra field.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(entry.flags ?? 0x800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(entry.crc32 ?? crc32(bytes), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(entry.announcedSize ?? bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data]);
    // Length of the comment, disk, attributes inside and outside, and where the entry begins.
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), common, rest, name]));
    bodies.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, central, end]);
}

export interface TarEntry {
  readonly name: string;
  readonly bytes?: Uint8Array | string;
  readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'fifo';
  readonly linkname?: string;
}

export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, bytes = '', type = 'file', linkname } of entries)
    tar.entry(
      { name, type, ...(linkname !== undefined && { linkname }) },
      type === 'file' ? Buffer.from(bytes) : Buffer.alloc(0),
    );
  tar.finalize();
  return buffer(tar);
}

export async function tarGzOf(entries: readonly TarEntry[]): Promise<Buffer> {
  return gzipSync(await tarOf(entries));
}

/** A header of a tar (POSIX ustar) with its body, as no library writes it. */
export interface TarBlock {
  readonly name: string;
  /** `0` of a file, `x` and `g` of PAX, `L` and `K` of GNU's long names. */
  readonly type: string;
  readonly body?: Uint8Array | string;
}

export function rawTarOf(blocks: readonly TarBlock[]): Buffer {
  return Buffer.concat([
    ...blocks.flatMap(({ name, type, body = '' }) => tarBlock(name, type, Buffer.from(body))),
    Buffer.alloc(1024),
  ]);
}

function tarBlock(name: string, type: string, body: Buffer): Buffer[] {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 7) + octal(0, 7) + octal(0, 7) + octal(body.length, 11) + octal(0, 11), 100);
  header.write(`        ${type}`, 148);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
}

/** A file that is gone after the test. */
export function fileOf(name: string, bytes: Uint8Array | string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}
