import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A block between fences. Its first words say what it is: ```json JobSpec is JSON that the contract JobSpec takes. */
export interface Block {
  readonly language: string;
  readonly note: string;
  readonly text: string;
  /** Of its first line in the page, from 1. */
  readonly line: number;
  readonly heading: string;
}

/** A table's row, by the names of the columns. */
export interface Row {
  readonly cells: Readonly<Record<string, string>>;
  readonly line: number;
}

export interface Section {
  /** Without its hashes. */
  readonly heading: string;
  /** All but its heading and its blocks. */
  readonly text: string;
  readonly rows: readonly Row[];
  readonly blocks: readonly Block[];
}

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly sections: readonly Section[];
}

/** The README, the other pages of the root, and all of docs/. */
export function pagePaths(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...docs.map((name) => `docs/${name}`)];
}

export function readPage(path: string): Page {
  const sections: { heading: string; lines: [number, string][]; blocks: Block[] }[] = [{ heading: '', lines: [], blocks: [] }];
  let block: { info: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(join(root, path), 'utf8').split('\n').entries()) {
    const section = sections.at(-1)!;
    const fence = /^```(.*)$/.exec(line);
    if (block !== undefined && fence) {
      const [language = '', ...note] = block.info.split(' ');
      const text = block.lines.join('\n');
      section.blocks.push({ language, note: note.join(' '), text, line: block.line, heading: section.heading });
      block = undefined;
    } else if (block !== undefined) block.lines.push(line);
    else if (fence) block = { info: fence[1]!.trim(), line: index + 2, lines: [] };
    else if (/^#+ /.test(line)) sections.push({ heading: line.replace(/^#+ /, ''), lines: [], blocks: [] });
    else section.lines.push([index + 1, line]);
  }
  return {
    path,
    sections: sections.map(({ heading, lines, blocks }) => ({
      heading,
      text: lines.map(([, line]) => line).join('\n'),
      rows: rowsOf(lines),
      blocks,
    })),
  };
}

/** The section with this heading, or one that begins with it and a colon. */
export function sectionOf(page: Page, heading: string): Section {
  const found = page.sections.find((section) => section.heading === heading || section.heading.startsWith(`${heading}:`));
  if (found === undefined) throw new Error(`${page.path} has no section "${heading}"`);
  return found;
}

/** What stands between backticks in a text. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}

function rowsOf(lines: readonly [number, string][]): Row[] {
  const rows: Row[] = [];
  let columns: string[] | undefined;
  for (const [line, text] of lines) {
    if (!text.startsWith('|')) columns = undefined;
    else if (columns === undefined) columns = cellsOf(text);
    else if (!/^[|\s:-]+$/.test(text)) {
      const cells = cellsOf(text);
      rows.push({ cells: Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])), line });
    }
  }
  return rows;
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}
