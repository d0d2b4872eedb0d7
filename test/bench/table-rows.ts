import { appendFile, readFile } from 'node:fs/promises';
import type { z } from 'zod';

/** Reads the rows of a table, one JSON line each, so that an interrupted run continues where it stopped. */
export async function readRows<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.infer<Schema>[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    // Skips a line that a crash cut off.
    try {
      return [schema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

/** Appends a row to the file of a table. */
export async function appendRow(file: string, row: unknown): Promise<void> {
  await appendFile(file, `${JSON.stringify(row)}\n`);
}
