import { readFile } from 'node:fs/promises';
import type { ExportedFile } from './exported-model.ts';

/** Reads a file that exports contain as it is. @returns it under its name in the export */
export async function templateFile(template: string, name = template): Promise<ExportedFile & { readonly content: string }> {
  return { name, content: await readFile(new URL(`./templates/${template}`, import.meta.url), 'utf8') };
}

/** JSON as the files of an export have it. */
export function jsonFile(name: string, value: unknown): ExportedFile {
  return { name, content: `${JSON.stringify(value, null, 2)}\n` };
}
