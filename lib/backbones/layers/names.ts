/** `a`, `b`, `c`: how Keras tells the repeats of a block apart. */
export function letter(index: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + index);
}
