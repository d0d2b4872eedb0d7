import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Layouts of data folders that were in use, each with an archive in test/fixtures/data-folders. */
export const earlierLayouts = [1, 2] as const;

/** Unpacks a data folder that an earlier version of Graft wrote. @param directory made where there is none */
export function unpackEarlierFolder(layout: (typeof earlierLayouts)[number], directory: string): void {
  const archive = fileURLToPath(new URL(`../../fixtures/data-folders/layout-${layout}.tar.gz`, import.meta.url));
  mkdirSync(directory, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', directory]);
}
