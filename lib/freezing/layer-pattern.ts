/** Matches users' regular expressions with an automaton in linear time: a backtracking engine may never finish. */
import { RE2JS, RE2JSException } from 're2js';
import { SpecError } from '../errors.ts';

/**
 * The most instructions of a compiled pattern, because matching takes time in proportion. A layer name has fewer than
 * 100 characters.
 */
const MAX_PROGRAM = 2000;

/**
 * Compiles a pattern for the names of layers. The syntax is that of JavaScript's RegExp, without back-references and
 * look-around, and with repeat counts of at most 1,000.
 * @returns a function that tells whether the pattern matches a whole name
 * @throws SpecError FREEZE_PATTERN if JavaScript would not accept it either; FREEZE_PATTERN_UNSUPPORTED, which names
 * the unsupported construct
 */
export function compileLayerPattern(pattern: string): (name: string) => boolean {
  checkSyntax(pattern);
  const compiled = compile(pattern, RE2JS.translateRegExp(portable(pattern)));
  if (compiled.programSize() > MAX_PROGRAM) throw unsupported(pattern, 'repeat counts that multiply to so large a pattern');
  return (name) => compiled.matches(name);
}

/** The RegExp constructor of V8 parses a pattern, and runs nothing. */
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

/**
 * An escape, or the start of a group, or the start or end of a class. Everything else stands for itself in both
 * syntaxes.
 */
const TOKEN = /\\(?:k<[^>]*>|[1-9]\d*|0[0-7]{0,2}|c[A-Za-z]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[\s\S])|\(\?<?[=!]|[[\]]/g;
/** Escapes that mean the same in both syntaxes, or that RE2JS.translateRegExp translates. */
const SHARED_ESCAPES = /^\\(?:[dDwWsSbBfnrtv]|c[A-Za-z]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[^\w])$/;

/**
 * Converts a pattern to the syntax that JavaScript and RE2 share. Escapes that only RE2 knows (`\Q`, `\z`, `\pL`,
 * `[[:alpha:]]`) keep their meaning in JavaScript.
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
    // JavaScript reads digits after \0 as an octal number.
    if (token.startsWith('\\0')) return `\\x${Number.parseInt(token.slice(1), 8).toString(16).padStart(2, '0')}`;
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
