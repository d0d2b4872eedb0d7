/** Regular expressions that users send, matched by an automaton in linear time: a backtracking engine may never come back from one. */
import { RE2JS, RE2JSException } from 're2js';
import { SpecError } from '../errors.ts';

/** Instructions that a pattern may compile to: matching takes time in proportion. A name of a layer has fewer than 100 characters. */
const MAX_PROGRAM = 2000;

/**
 * Compiles a pattern for the names of layers. The syntax is that of JavaScript's RegExp, without back-references and look-around, and with
 * counts of at most 1,000.
 * @returns whether the pattern matches a whole name
 * @throws SpecError FREEZE_PATTERN where JavaScript would not take it either; FREEZE_PATTERN_UNSUPPORTED, naming what is not supported
 */
export function compileLayerPattern(pattern: string): (name: string) => boolean {
  checkSyntax(pattern);
  const compiled = compile(pattern, RE2JS.translateRegExp(portable(pattern)));
  if (compiled.programSize() > MAX_PROGRAM) throw unsupported(pattern, 'repeat counts that multiply to so large a pattern');
  return (name) => compiled.matches(name);
}

/** V8 parses a pattern when it is constructed, and runs nothing. */
function checkSyntax(pattern: string): void {
  try {
    new RegExp(`^(?:${pattern})$`);
  } catch (cause) {
    throw new SpecError('FREEZE_PATTERN', {
      at: 'freeze.layers',
      expected: 'a regular expression',
      received: pattern,
      fix: cause instanceof Error ? `correct the syntax: ${cause.message}` : 'correct the syntax',
      cause,
    });
  }
}

function compile(pattern: string, translated: string): RE2JS {
  try {
    return RE2JS.compile(translated);
  } catch (error) {
    if (error instanceof RE2JSException) throw unsupported(pattern, error.message.replace(/^error parsing regexp: /, ''));
    throw error;
  }
}

/** An escape, or the beginning of a group, of a class, or its end; all else stands for itself in both syntaxes. */
const TOKEN = /\\(?:k<[^>]*>|[1-9]\d*|c[A-Za-z]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[\s\S])|\(\?<?[=!]|[[\]]/g;
/** Escapes that mean the same in both syntaxes, or that RE2JS.translateRegExp translates. */
const SHARED_ESCAPES = /^\\(?:[dDwWsSbBfnrtv]|c[A-Za-z]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[^\w])$/;

/**
 * A pattern in the syntax that JavaScript and RE2 have in common. What only RE2 gives a meaning (`\Q`, `\z`, `\pL`, `[[:alpha:]]`) keeps
 * JavaScript's.
 */
function portable(pattern: string): string {
  let inClass = false;
  return pattern.replace(TOKEN, (token) => {
    if (token === '[') {
      if (inClass) return '\\[';
      inClass = true;
      return token;
    }
    if (token === ']') {
      inClass = false;
      return token;
    }
    if (token.startsWith('(')) {
      if (inClass) return token;
      throw unsupported(pattern, `${token.includes('<') ? 'look-behind' : 'look-ahead'} ${token}...)`);
    }
    if (!inClass && /^\\(?:k<|[1-9])/.test(token)) throw unsupported(pattern, `the back-reference ${token}`);
    if (inClass && token === '\\b') return '\\x08';
    if (token === '\\0') return '\\x00';
    return SHARED_ESCAPES.test(token) ? token : token.slice(1);
  });
}

function unsupported(pattern: string, construct: string): SpecError {
  return new SpecError('FREEZE_PATTERN_UNSUPPORTED', {
    at: 'freeze.layers',
    expected: `a regular expression that can be matched in linear time, without ${construct}`,
    received: pattern,
    fix: 'list the names instead: conv1|conv2|block3_.*',
  });
}
