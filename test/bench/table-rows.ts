import { appendFile, readFile } from 'node:fs/promises';
import type { z } from 'zod';

/** Rows of a table that takes hours, one JSON line each, so that an interrupted run goes on where it stood. */
export async function readRows<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.infer<Schema>[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    // A line that was cut off by a crash counts as none.
    try {
      return [schema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

export async function appendRow(file: string, row: unknown): Promise<void> {
  await appendFile(file, `${JSON.stringify(row)}\n`);
}
