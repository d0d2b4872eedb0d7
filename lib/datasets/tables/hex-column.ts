/** Hashes of 32 bytes, each given and taken as 64 hexadecimal digits, and kept as bytes: a third of what strings would take. */
export interface HexColumn {
  readonly length: number;
  push(hex: string): void;
  at(row: number): string;
  /** Below 0 where row `a` comes before row `b`. */
  compare(a: number, b: number): number;
  /** Gives back what is reserved for more hashes. */
  trim(): void;
  /** Gives all memory back now; the garbage collector would let it stand for long. Nothing may be asked any more. */
  release(): void;
}

const WIDTH = 32;

/** @param hashes how many there will be, where it is known */
export function hexColumn(hashes = 64): HexColumn {
  let data = Buffer.from(new ArrayBuffer(WIDTH * hashes));
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(hex) {
      if ((length + 1) * WIDTH > data.length) data = Buffer.from(data.buffer.transfer(WIDTH * Math.ceil(length * 1.5)));
      data.write(hex, length++ * WIDTH, WIDTH, 'hex');
    },
    at: (row) => data.toString('hex', row * WIDTH, (row + 1) * WIDTH),
    trim() {
      data = Buffer.from(data.buffer.transfer(length * WIDTH));
    },
    release() {
      data = Buffer.from(data.buffer.transfer(0));
      length = 0;
    },
    compare: (a, b) => data.compare(data, b * WIDTH, (b + 1) * WIDTH, a * WIDTH, (a + 1) * WIDTH),
  };
}
