import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { sum } from '../../../lib/arithmetic.ts';
import type { RandomStream } from '../../../lib/random.ts';
import { damaged } from '../../support/datasets/damage.ts';
import { type Attack, pick } from './hostile-input.ts';
import { tarHeader } from './tar.ts';

const NAMES = [
  '../../etc/passwd',
  '/etc/passwd',
  'a/../../b.jpg',
  'C:\\windows\\b.jpg',
  'a/\0/b.jpg',
  'a//b.jpg',
  `${'a/'.repeat(400)}b.jpg`,
  '.',
  'a/b.jpg',
  'a/b.jpg',
  'cl\u0001ass/b.jpg',
  '\ufeff/\u202egpj.exe',
  '__proto__/b.jpg',
] as const;

/**
 * Creates zip and tar files that are damaged, unpack to far more than their size, declare false sizes, or escape the
 * folder.
 */
export function archiveAttack(image: Buffer): Attack {
  return (random) => {
    const { what, name, bytes } = hostileArchive(random, image);
    return { what: `archive: ${what}`, lane: 'uploads', send: (target) => target.upload({ name, bytes }) };
  };
}

function hostileArchive(random: RandomStream, image: Buffer): { what: string; name: string; bytes: Buffer } {
  const whole = () => ['a', 'b'].flatMap((label) => [1, 2].map((number) => ({ name: `${label}/${number}.jpg`, bytes: image })));
  const odd = () => [...whole(), { name: pick(random, NAMES), bytes: image }];
  const zip = (what: string, bytes: Buffer) => ({ what, name: 'images.zip', bytes });
  const tar = (what: string, blocks: readonly Uint8Array[]) => ({
    what,
    name: 'images.tar',
    bytes: Buffer.concat([...blocks, Buffer.alloc(1024)]),
  });
  const packed = (what: string, blocks: readonly Uint8Array[]) => ({
    what,
    name: 'images.tar.gz',
    bytes: gzipSync(Buffer.concat(blocks)),
  });
  return pick(random, [
    () => zip('damaged zip', Buffer.from(damaged(zipOf(whole()), random.seed(), 1))),
    () => zip('zip with odd names', zipOf(odd())),
    () =>
      zip(
        'zip whose entries have wrong checksums',
        zipOf([...whole(), ...times(40, (i) => ({ name: `c/${i}.jpg`, bytes: Buffer.alloc(2 ** 20), crc: 1 }))]),
      ),
    () => zip('zip that unfolds', zipOf([{ name: 'a/1.jpg', bytes: Buffer.alloc(2 ** (20 + random.integer(7))) }])),
    () =>
      zip(
        'zip that lies about sizes',
        zipOf([{ name: 'a/1.jpg', bytes: Buffer.alloc(2 ** 24), announced: random.integer(2 ** 32) }]),
      ),
    () => zip('zip whose entries lie on one another', overlapping(60 + random.integer(60))),
    () => zip('zip with a link', zipOf([...whole(), { name: 'a/link.jpg', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 }])),
    () => ({
      what: 'damaged tar',
      name: 'images.tar',
      bytes: Buffer.from(damaged(Buffer.concat([...odd().flatMap(tarEntry), Buffer.alloc(1024)]), random.seed(), 2)),
    }),
    () => tar('tar with odd names', odd().flatMap(tarEntry)),
    () =>
      tar(
        'tar with links',
        ['1', '2', '3', '4', '6'].flatMap((type) => [tarHeader({ name: `a/${type}.jpg`, size: 0, type, link: '/etc/passwd' })]),
      ),
    () =>
      tar('tar that announces more than it has', [tarHeader({ name: 'a/1.jpg', size: 2 ** (20 + random.integer(12)) }), image]),
    () => packed('tar.gz with a huge header of PAX', hugeHeader('x', 64 + random.integer(200))),
    () => packed('tar.gz with a huge long name', hugeHeader('L', 64 + random.integer(200))),
    () => ({
      what: 'damaged tar.gz',
      name: 'images.tar.gz',
      bytes: Buffer.from(damaged(gzipSync(Buffer.concat(whole().flatMap(tarEntry))), random.seed(), 3)),
    }),
    () => ({
      what: 'gzip of gzip of zeros',
      name: 'images.tar.gz',
      bytes: gzipSync(gzipSync(Buffer.alloc(2 ** (22 + random.integer(6))))),
    }),
  ])();
}

interface Entry {
  readonly name: string;
  readonly bytes: Buffer;
  readonly crc?: number;
  readonly announced?: number;
  readonly mode?: number;
}

function tarEntry({ name, bytes }: Entry): Buffer[] {
  return [tarHeader({ name, size: bytes.length }), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}

function hugeHeader(type: string, mebibytes: number): Buffer[] {
  return [
    tarHeader({ name: 'x', size: mebibytes * 2 ** 20, type }),
    Buffer.alloc(mebibytes * 2 ** 20, 'a'),
    tarHeader({ name: 'a/1.jpg', size: 0 }),
  ];
}

/** Builds a zip file in the format of PKWARE's APPNOTE, with any entries. */
function zipOf(entries: readonly Entry[]): Buffer {
  const places: Place[] = [];
  const bodies: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, crc = crc32(bytes), announced = bytes.length, mode = 0o100644 } of entries) {
    const data = deflateRawSync(bytes);
    const place = { name: Buffer.from(name), crc, packed: data.length, announced, mode, offset };
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), commonOf(place), place.name, data]);
    bodies.push(local);
    places.push(place);
    offset += local.length;
  }
  return Buffer.concat([...bodies, ...directoryOf(places, offset)]);
}

/** Builds a zip file with one entry that the directory lists many times. */
function overlapping(count: number): Buffer {
  const bytes = Buffer.alloc(4 * 2 ** 20);
  const data = deflateRawSync(bytes, { level: 9 });
  const place = {
    name: Buffer.from('a/0.jpg'),
    crc: crc32(bytes),
    packed: data.length,
    announced: bytes.length,
    mode: 0o100644,
    offset: 0,
  };
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), commonOf(place), place.name, data]);
  return Buffer.concat([
    local,
    ...directoryOf(
      times(count, (index) => ({ ...place, name: Buffer.from(`a/${index}.jpg`) })),
      local.length,
    ),
  ]);
}

interface Place {
  readonly name: Buffer;
  readonly crc: number;
  readonly packed: number;
  readonly announced: number;
  readonly mode: number;
  readonly offset: number;
}

/**
 * Returns the fields that the entry and the directory share: version, flags, method, time, checksum, sizes, lengths.
 */
function commonOf({ name, crc, packed, announced }: Place): Buffer {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(0x800, 2);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc, 10);
  common.writeUInt32LE(packed, 14);
  common.writeUInt32LE(announced, 18);
  common.writeUInt16LE(name.length, 22);
  return common;
}

function directoryOf(places: readonly Place[], offset: number): Buffer[] {
  const rows = places.map((place) => {
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((place.mode << 16) >>> 0, 6);
    rest.writeUInt32LE(place.offset, 10);
    return Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), commonOf(place), rest, place.name]);
  });
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(places.length, 8);
  end.writeUInt16LE(places.length, 10);
  end.writeUInt32LE(sum(rows.map((row) => row.length)), 12);
  end.writeUInt32LE(offset, 16);
  return [...rows, end];
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
