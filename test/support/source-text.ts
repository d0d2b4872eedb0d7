import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as errors from '../../lib/errors.ts';
import { root } from './pages.ts';

export interface SourceText {
  /** Each error code, with the kinds of error that it is thrown as where the source says so in one place. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names of our environment variables. */
  readonly environment: ReadonlySet<string>;
}

const SOURCES = ['{lib,functions,cli}/**/*.{ts,mjs}', 'native/*.ts'];
const CODE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
/** Written like codes, but the world's names. */
const NOT_OURS = /^(?:GRAFT|AWS|TF|WASM_HAS|XDG|SQLITE|ERR)_/;

/**
 * What the product's sources say in their own text. A code is the first argument of one of our errors, or any other text in capitals
 * with an underscore: codes also travel through helpers, records and comparisons.
 */
export function readSourceText(): SourceText {
  const codes = new Map<string, Set<string>>();
  const environment = new Set<string>();
  const add = (code: string, kinds: readonly string[] = []) => {
    const known = codes.get(code) ?? new Set();
    for (const kind of kinds) known.add(kind);
    codes.set(code, known);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text in errors) {
      const [code] = node.arguments ?? [];
      if (code !== undefined) for (const text of textsIn(code)) add(text, [node.expression.text]);
    }
    if (ts.isStringLiteralLike(node) && CODE.test(node.text) && !NOT_OURS.test(node.text)) add(node.text);
    if ((ts.isStringLiteralLike(node) || ts.isIdentifier(node)) && /^GRAFT_[A-Z_]+$/.test(node.text)) environment.add(node.text);
    ts.forEachChild(node, visit);
  };
  for (const path of globSync(SOURCES, { cwd: root, exclude: (name) => name.includes('node_modules') })) {
    visit(ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest));
  }
  return { codes, environment };
}

/** The texts that an expression may be: itself, or either side of a choice. */
function textsIn(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsIn(node.whenTrue), ...textsIn(node.whenFalse)];
  return [];
}
