import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import { formatS3Address, parseS3Address } from '../../lib/contracts/object-address.ts';
import { DataError, ForbiddenError, NotFoundError } from '../../lib/errors.ts';
import type { SourceBuckets } from '../../lib/ports.ts';
import { asFolder } from '../../lib/store/source-buckets.ts';

export interface CopyOptions {
  /** A file, or a model: a file with the configurations beside it, or all files of a folder. */
  readonly kind: 'file' | 'model';
}

/** What a configuration of an encoder is called: beside its file, or above a folder `onnx`. */
const CONFIGURATIONS = ['preprocessor_config.json', 'config.json'];
/** The largest weights have 1.4 GB, and a protobuf file ends at 2 GiB. */
const MOST_BYTES = 2 ** 31 - 1;
const MOST_FILES = 1000;

/**
 * What `work` gives with a path of this machine: `source` itself, or a copy of what lies at an address in S3 (`s3://BUCKET/KEY`),
 * which is gone afterwards. Read with the credentials of whoever runs the command, or at AWS_ENDPOINT_URL.
 * @throws NotFoundError FILE_NOT_FOUND; DataError S3_COPY_TOO_LARGE, S3_COPY_NAME; and as SourceBuckets
 */
export async function withLocalCopy<T>(source: string, options: CopyOptions, work: (path: string) => Promise<T>): Promise<T> {
  const address = parseS3Address(source);
  if (address === undefined) return work(source);
  const { bucket, key } = address;
  const { openSourceBuckets } = await import('../../lib/aws/s3-source-buckets.ts');
  // The user's own command on the user's own machine: the bucket is allowed by being named.
  const buckets = openSourceBuckets({ ...process.env, GRAFT_SOURCE_BUCKETS: bucket });
  const folder = await mkdtemp(join(tmpdir(), 'graft-s3-'));
  try {
    return await work(await new Copy(buckets, bucket, folder).of(key, options));
  } finally {
    buckets.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Copy {
  readonly #buckets: SourceBuckets;
  readonly #bucket: string;
  readonly #folder: string;
  #bytes = 0;

  constructor(buckets: SourceBuckets, bucket: string, folder: string) {
    this.#buckets = buckets;
    this.#bucket = bucket;
    this.#folder = folder;
  }

  /** @returns the copy's path */
  async of(key: string, { kind }: CopyOptions): Promise<string> {
    const isFolder = kind === 'model' && (basename(key) === 'model.json' || !/\.onnx$/i.test(key));
    if (isFolder) return this.#files(basename(key) === 'model.json' ? key.slice(0, -'model.json'.length) : asFolder(key));
    if (!(await this.#file(key, key))) throw this.#missing(key);
    if (kind === 'model') {
      const home = dirname(key);
      const homes = basename(home) === 'onnx' ? [home, dirname(home)] : [home];
      for (const beside of homes.flatMap((folder) => CONFIGURATIONS.map((name) => join(folder, name))))
        await this.#mayMiss(beside);
    }
    return join(this.#folder, key);
  }

  async #files(prefix: string): Promise<string> {
    const { objects, more } = await this.#buckets.list(this.#bucket, prefix, { limit: MOST_FILES });
    if (more) throw this.#tooLarge(prefix, `at most ${MOST_FILES} files`, 'more');
    if (objects.length === 0) throw this.#missing(prefix);
    for (const { key } of objects) if (!key.endsWith('/')) await this.#file(key, key.slice(prefix.length));
    return this.#folder;
  }

  /** Without leave to list a bucket, S3 says of a key without an object that it may not be read. */
  async #mayMiss(key: string): Promise<void> {
    await this.#file(key, key).catch((error: unknown) => {
      if (!(error instanceof ForbiddenError)) throw error;
    });
  }

  /** @returns whether there is such an object */
  async #file(key: string, name: string): Promise<boolean> {
    const left = MOST_BYTES - this.#bytes;
    const found = await this.#buckets.read({ bucket: this.#bucket, key }, left + 1);
    if (found === undefined) return false;
    if (found.body.length > left) throw this.#tooLarge(key, `at most ${MOST_BYTES} bytes`, 'more');
    this.#bytes += found.body.length;
    const file = join(this.#folder, name);
    if (!file.startsWith(this.#folder + sep)) throw this.#outside(key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, found.body);
    return true;
  }

  #missing(key: string): NotFoundError {
    const fix = `list the bucket: aws s3 ls ${this.#address('')}`;
    return new NotFoundError('FILE_NOT_FOUND', { at: this.#address(key), expected: 'a file', received: 'none', fix });
  }

  #tooLarge(key: string, expected: string, received: string): DataError {
    const fix = 'check that the address is that of the weights or the model';
    return new DataError('S3_COPY_TOO_LARGE', { at: this.#address(key), expected, received, fix });
  }

  #outside(key: string): DataError {
    const fix = 'copy it to a key without ".."';
    return new DataError('S3_COPY_NAME', { at: this.#address(key), expected: 'a key that is a path', received: key, fix });
  }

  #address(key: string): string {
    return formatS3Address({ bucket: this.#bucket, key });
  }
}
