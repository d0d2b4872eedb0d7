import { beforeAll, describe, expect, test, vi } from 'vitest';
import { EXIT } from '../../cli/output.ts';
import { main } from '../support/graft.ts';
import { codesIn, readPage, type Section, sectionOf } from '../support/pages.ts';
import { readSourceText } from '../support/source-text.ts';

interface Command {
  /** `graft upload <path>` */
  readonly synopsis: string;
  /** `--name <name>`, and its default where it has one. */
  readonly flags: readonly { readonly flag: string; readonly default: string | undefined }[];
}

const page = readPage('docs/command.md');
const sections = page.sections.filter(({ heading }) => heading.startsWith('`graft '));

describe('docs/command.md', () => {
  let commands: readonly Command[];
  beforeAll(async () => {
    commands = await leafCommands([]);
  });

  test('has every command that `graft --help` lists, with its arguments, and no other', () => {
    expect(sections.map(({ heading }) => heading).sort()).toEqual(commands.map(({ synopsis }) => `\`${synopsis}\``).sort());
  });

  test('has every flag of every command, and no other', () => {
    const printed = commands.flatMap(({ synopsis, flags }) => flags.map(({ flag }) => `${synopsis}: ${flag}`));
    const written = sections.flatMap((section) => rowsByFlag(section).map(([flag]) => `${codesIn(section.heading)[0]}: ${flag}`));
    expect(missing(printed, written), 'flags that docs/command.md lacks').toEqual([]);
    expect(missing(written, printed), 'flags that do not exist').toEqual([]);
  });

  test('states the defaults that the help states', () => {
    const wrong = commands.flatMap(({ synopsis, flags }) => {
      const rows = new Map(rowsByFlag(sectionOf(page, `\`${synopsis}\``)));
      return flags
        .filter((each) => each.default !== undefined && !rows.get(each.flag)?.includes(`default \`${each.default}\``))
        .map((each) => `${synopsis}: ${each.flag} has the default ${each.default}`);
    });
    expect(wrong).toEqual([]);
  });

  test('shows every command at work', () => {
    const examples = page.sections.flatMap(({ blocks }) => blocks.filter(({ language }) => language === 'sh'));
    const text = examples.map((block) => block.text).join('\n');
    const names = commands.map(({ synopsis }) => synopsis.replace(/ [<[].*/, ''));
    expect(names.filter((name) => !text.includes(name))).toEqual([]);
  });

  test('has every exit status', () => {
    const statuses = sectionOf(page, 'Exit status').rows.map(({ cells }) => Number(codesIn(cells.status!)[0]));
    expect(statuses).toEqual(Object.values(EXIT).sort((a, b) => a - b));
  });

  test('has every environment variable of ours, and no other', () => {
    const names = sectionOf(page, 'Environment').rows.map(({ cells }) => codesIn(cells.name!)[0]);
    expect(names.sort()).toEqual([...readSourceText().environment].sort());
  });
});

/** The commands below a command, as their help tells of them; one that only groups others is none. */
async function leafCommands(path: readonly string[]): Promise<Command[]> {
  const help = helpOf(await helpText(path));
  const names = help.commands.map((text) => text.split(' ')[0]!).filter((name) => name !== 'help');
  if (names.length > 0) {
    const below: Command[] = [];
    for (const name of names) below.push(...(await leafCommands([...path, name])));
    return below;
  }
  const flags = help.options
    .filter((text) => !/^(-h, --help|--json)\b/.test(text))
    .map((text) => ({
      flag: /^(.*?)(?: {2}|$)/.exec(text)![1]!,
      default: /\(default: "?(.*?)"?\)$/.exec(text)?.[1],
    }));
  return [{ synopsis: help.usage.replace(' [options]', ''), flags }];
}

/** What the command prints with --help: it runs here, which spares a process for each command. */
async function helpText(path: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(`${text}`) > 0);
  const argv = vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', 'graft', ...path, '--help']);
  await import(/* @vite-ignore */ `${main}?${path.join('-')}`);
  write.mockRestore();
  argv.mockRestore();
  return printed.join('');
}

/** What stands under the headings of a help text, an item a line. */
function helpOf(text: string): { usage: string; options: string[]; commands: string[] } {
  const items: Record<string, string[]> = { Options: [], Commands: [] };
  let heading = '';
  for (const line of text.split('\n')) {
    heading = /^(\w+):$/.exec(line)?.[1] ?? heading;
    const list = items[heading] ?? [];
    if (/^ {2}\S/.test(line)) list.push(line.trim());
    // A long description goes on, indented.
    else if (/^ {3}/.test(line)) list[list.length - 1] += ` ${line.trim()}`;
  }
  return { usage: /^Usage: (.*)$/m.exec(text)?.[1] ?? '', options: items.Options!, commands: items.Commands! };
}

function rowsByFlag({ rows }: Section): [string, string][] {
  return rows.map(({ cells }) => [codesIn(cells.flag ?? '')[0] ?? '', cells.what ?? '']);
}

function missing(wanted: readonly string[], found: readonly string[]): string[] {
  return wanted.filter((text) => !found.includes(text));
}
