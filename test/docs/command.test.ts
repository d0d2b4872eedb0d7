import type { Argument, Command as CommanderCommand } from 'commander';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../cli/output.ts';
import { createProgram, runnableCommands } from '../../cli/program/program.ts';
import { codesIn, readPage, type Section, sectionOf } from '../support/docs/pages.ts';
import { readSourceText } from '../support/docs/source-text.ts';

interface Command {
  /** `graft upload <path>` */
  readonly synopsis: string;
  /** `--name <name>`, and its default where it has one. */
  readonly flags: readonly { readonly flag: string; readonly default: string | undefined }[];
}

const page = readPage('docs/command.md');
const sections = page.sections.filter(({ heading }) => heading.startsWith('`graft '));

describe('docs/command.md', () => {
  const commands = leafCommands(createProgram({ inContext: async () => {}, alone: async () => {} }, { json: false }));

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

/** The commands below a command, as commander knows them; one that only groups others is none. */
function leafCommands(program: CommanderCommand): Command[] {
  return runnableCommands(program).map((command) => ({
    synopsis: [pathOf(command), ...command.registeredArguments.map(argumentOf)].join(' '),
    flags: command.options
      .filter(({ long }) => long !== '--json' && long !== '--remote')
      .map(({ flags, defaultValue }) => ({ flag: flags, default: defaultValue === undefined ? undefined : `${defaultValue}` })),
  }));
}

function pathOf(command: CommanderCommand): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function argumentOf(argument: Argument): string {
  const text = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${text}>` : `[${text}]`;
}

function rowsByFlag({ rows }: Section): [string, string][] {
  return rows.map(({ cells }) => [codesIn(cells.flag ?? '')[0] ?? '', cells.what ?? '']);
}

function missing(wanted: readonly string[], found: readonly string[]): string[] {
  return wanted.filter((text) => !found.includes(text));
}
