import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as errors from '../../../lib/errors.ts';
import { root } from './pages.ts';

export interface SourceText {
  /** Each error code, with the kinds of error that it is thrown as where the source says so in one place. */
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names of our environment variables. */
  readonly environment: ReadonlySet<string>;
}

const SOURCES = ['{lib,functions,cli}/**/*.{ts,mjs}', 'infra/{native,localstack}/*.ts'];
const CODE = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
/** Written like codes, but the world's names. */
const NOT_OURS = /^(?:GRAFT|AWS|TF|WASM_HAS|XDG|SQLITE|ERR|EAI|HPE)_/;

/**
 * What the product's sources say in their own text. A code is the first argument of one of our errors, or any other
 * text in capitals with an underscore: codes also travel through helpers, records and comparisons.
 */
export function readSourceText(): SourceText {
  const codes = new Map<string, Set<string>>();
  const environment = new Set<string>();
  const add = (code: string, kinds: readonly string[] = []) => {
    codes.set(code, new Set([...(codes.get(code) ?? []), ...kinds]));
  };
  for (const path of globSync(SOURCES, { cwd: root, exclude: (name) => name.includes('node_modules') })) {
    const text = readFileSync(join(root, path), 'utf8');
    const nodes = nodesOf(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
    const makers = nodes.flatMap(makerOf);
    const endings = new Set<ts.Node>();
    for (const node of nodes) {
      for (const { prefix, kind, ending } of makers.flatMap((maker) => madeBy(maker, node))) {
        add(prefix + ending.text, [kind]);
        endings.add(ending);
      }
      const kind = kindOf(node);
      if (kind !== undefined) for (const code of textsIn(kind.code)) add(code, [kind.name]);
    }
    for (const node of nodes) {
      if (ts.isStringLiteralLike(node) && CODE.test(node.text) && !NOT_OURS.test(node.text) && !endings.has(node)) add(node.text);
      if ((ts.isStringLiteralLike(node) || ts.isIdentifier(node)) && /^GRAFT_[A-Z_]+$/.test(node.text))
        environment.add(node.text);
    }
  }
  return { codes, environment };
}

/** A text of the sources: a string, a piece of a template, or a regular expression without its first and last "/". */
export interface SourceLiteral {
  readonly path: string;
  readonly text: string;
}

/** @param sources patterns of paths from the root of the repository */
export function readLiterals(sources: readonly string[]): SourceLiteral[] {
  return parseSources(sources).flatMap(({ path, source }) =>
    nodesOf(source).flatMap((node) => {
      if (ts.isRegularExpressionLiteral(node)) return { path, text: node.text.slice(1, node.text.lastIndexOf('/')) };
      return ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node) ? { path, text: node.text } : [];
    }),
  );
}

/** An identifier of the sources. */
export interface SourceIdentifier {
  readonly path: string;
  readonly name: string;
  /** Whether it names a member of an object, as `b` does in `a.b`, `{ b: 1 }` and `{ b: c } = a`. */
  readonly isMember: boolean;
}

/** @param sources patterns of paths from the root of the repository */
export function readIdentifiers(sources: readonly string[]): SourceIdentifier[] {
  return parseSources(sources).flatMap(({ path, source }) =>
    nodesOf(source).flatMap((node) =>
      ts.isIdentifier(node) || ts.isPrivateIdentifier(node) ? { path, name: node.text, isMember: isMemberName(node) } : [],
    ),
  );
}

function isMemberName(node: ts.Identifier | ts.PrivateIdentifier): boolean {
  const { parent } = node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  const isMember = ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent);
  return isMember && parent.name === node;
}

/** A function of the sources that has a name, other than a method. */
export interface SourceFunction {
  readonly path: string;
  readonly name: string;
  readonly parameters: readonly SourceParameter[];
}

export interface SourceParameter {
  /** Its name, or the pattern that takes it apart. */
  readonly name: string;
  /** Its type as it is written, or nothing where none is. */
  readonly type: string;
  /** Whether a call may leave it out. */
  readonly isOptional: boolean;
}

/** @param sources patterns of paths from the root of the repository */
export function readFunctions(sources: readonly string[]): SourceFunction[] {
  return parseSources(sources).flatMap(({ path, source }) =>
    nodesOf(source).flatMap((node) => {
      const named = namedFunction(node);
      return named === undefined ? [] : { path, name: named.name, parameters: named.parameters.map(parameterOf) };
    }),
  );
}

/** `function name() {}` or `const name = () => {}` */
function namedFunction(node: ts.Node): { name: string; parameters: readonly ts.ParameterDeclaration[] } | undefined {
  if (ts.isFunctionDeclaration(node) && node.name !== undefined)
    return { name: node.name.text, parameters: [...node.parameters] };
  if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || node.initializer === undefined) return undefined;
  if (!ts.isArrowFunction(node.initializer) && !ts.isFunctionExpression(node.initializer)) return undefined;
  return { name: node.name.text, parameters: [...node.initializer.parameters] };
}

function parameterOf({ name, type, questionToken, initializer }: ts.ParameterDeclaration): SourceParameter {
  const isOptional = questionToken !== undefined || initializer !== undefined;
  return { name: name.getText(), type: type?.getText() ?? '', isOptional };
}

function parseSources(sources: readonly string[]): { readonly path: string; readonly source: ts.SourceFile }[] {
  return globSync(sources, { cwd: root, exclude: (name) => name.includes('node_modules') }).map((path) => ({
    path,
    source: ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true),
  }));
}

function nodesOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(...nodesOf(child)));
  return [node, ...children];
}

/** `new SpecError(code, ...)` */
function kindOf(node: ts.Node): { name: string; code: ts.Expression } | undefined {
  if (!ts.isNewExpression(node) || !ts.isIdentifier(node.expression) || !(node.expression.text in errors)) return undefined;
  const [code] = node.arguments ?? [];
  return code && { name: node.expression.text, code };
}

/** The texts that an expression may be: itself, or either side of a choice. */
function textsIn(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsIn(node.whenTrue), ...textsIn(node.whenFalse)];
  return [];
}

/** A function that makes errors whose codes begin alike and end as its first argument says. */
interface Maker {
  readonly name: string;
  readonly prefix: string;
  readonly kind: string;
}

/** `new DataError(`OWN_MODEL_${what}`, ...)` inside a function */
function makerOf(node: ts.Node): Maker[] {
  const kind = kindOf(node);
  const within = ts.findAncestor(node, ts.isFunctionDeclaration);
  if (kind === undefined || !ts.isTemplateExpression(kind.code) || within?.name === undefined) return [];
  return [{ name: within.name.text, prefix: kind.code.head.text, kind: kind.name }];
}

function madeBy({ name, prefix, kind }: Maker, node: ts.Node): { prefix: string; kind: string; ending: ts.StringLiteralLike }[] {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== name) return [];
  const [ending] = node.arguments;
  return ending !== undefined && ts.isStringLiteralLike(ending) ? [{ prefix, kind, ending }] : [];
}
