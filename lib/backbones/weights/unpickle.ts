import { PickleMachine } from './pickle-machine.ts';
import type { PickleValue } from './pickle-value.ts';
import { pickleDamaged, pickleRefused } from './pickle-value.ts';

/** A pickle's value and its end. */
export interface Pickle {
  readonly value: PickleValue;
  /** Offset after its last byte. */
  readonly end: number;
}

/** The state dict of a thousand layers has 60,000 opcodes. */
const MOST_OPCODES = 200_000;
const ORDERED_DICT = 'collections.OrderedDict';

/**
 * Reads one pickle of protocol 2 as data. Nothing is imported, called or executed.
 * @param start of the pickle in `bytes`
 * @param names the allowed globals; other globals, and opcodes that a state dict never has, are rejected
 * @throws DataError WEIGHTS_PICKLE_REFUSED, WEIGHTS_UNREADABLE
 */
export function unpickle(bytes: Uint8Array, start: number, names: ReadonlySet<string>): Pickle {
  const machine = new PickleMachine(bytes, start, names);
  for (let count = 0; count < MOST_OPCODES; count++) {
    const at = machine.at;
    const opcode = machine.byte();
    if (opcode === STOP) return { value: machine.pop(), end: machine.at };
    const operation = operations.get(opcode);
    if (!operation) throw pickleRefused(at, `opcode 0x${opcode.toString(16).padStart(2, '0')}`);
    operation(machine);
  }
  throw pickleDamaged(machine.at, `a pickle of at most ${MOST_OPCODES} opcodes`, 'more');
}

const STOP = 0x2e;

/** Supported opcodes, with their names in Python's pickletools. */
const operations: ReadonlyMap<number, (machine: PickleMachine) => void> = new Map([
  /* PROTO */ [0x80, (m: PickleMachine) => void m.byte()],
  /* NONE */ [0x4e, (m) => m.push(null)],
  /* NEWTRUE */ [0x88, (m) => m.push(true)],
  /* NEWFALSE */ [0x89, (m) => m.push(false)],
  /* BININT */ [0x4a, (m) => m.push(m.int32())],
  /* BININT1 */ [0x4b, (m) => m.push(m.byte())],
  /* BININT2 */ [0x4d, (m) => m.push(m.uint16())],
  /* LONG1 */ [0x8a, (m) => m.push(m.bigint(m.byte()))],
  /* BINUNICODE */ [0x58, (m) => m.push(m.text(m.uint32()))],
  /* MARK */ [0x28, (m) => m.mark()],
  /* EMPTY_TUPLE */ [0x29, (m) => m.push({ kind: 'tuple', items: [] })],
  /* TUPLE1 */ [0x85, (m) => pushTuple(m, 1)],
  /* TUPLE2 */ [0x86, (m) => pushTuple(m, 2)],
  /* TUPLE3 */ [0x87, (m) => pushTuple(m, 3)],
  /* TUPLE */ [0x74, (m) => m.push({ kind: 'tuple', items: m.popToMark() })],
  /* EMPTY_LIST */ [0x5d, (m) => m.push({ kind: 'list', items: [] })],
  /* APPEND */ [0x61, (m) => append(m, [m.pop()])],
  /* APPENDS */ [0x65, (m) => append(m, m.popToMark())],
  /* EMPTY_DICT */ [0x7d, (m) => m.push({ kind: 'dict', entries: new Map() })],
  /* SETITEM */ [0x73, (m) => setItems(m, [m.pop(), m.pop()].reverse())],
  /* SETITEMS */ [0x75, (m) => setItems(m, m.popToMark())],
  /* BINPUT */ [0x71, (m) => void m.memo.set(m.byte(), m.top())],
  /* LONG_BINPUT */ [0x72, (m) => void m.memo.set(m.uint32(), m.top())],
  /* BINGET */ [0x68, (m) => recall(m, m.byte())],
  /* LONG_BINGET */ [0x6a, (m) => recall(m, m.uint32())],
  /* GLOBAL */ [0x63, pushName],
  /* REDUCE */ [0x52, pushCall],
  /* BUILD: sets attributes of the dict, which are not needed */ [0x62, (m) => void m.pop()],
  /* BINPERSID */ [0x51, (m) => m.push({ kind: 'reference', id: m.pop() })],
]);

function pushTuple(m: PickleMachine, length: number): void {
  m.push({ kind: 'tuple', items: Array.from({ length }, () => m.pop()).reverse() });
}

function append(m: PickleMachine, items: readonly PickleValue[]): void {
  const list = m.popNode('list');
  for (const item of items) list.items.push(item);
  m.push(list);
}

/** Sets entries of the dict on top of the stack. @param items alternating keys and values */
function setItems(m: PickleMachine, items: readonly PickleValue[]): void {
  const dict = m.popNode('dict');
  for (let i = 0; i < items.length; i += 2) {
    const [key, value] = items.slice(i, i + 2);
    if (typeof key !== 'string' || value === undefined) throw pickleDamaged(m.at, 'a text and a value', typeof key);
    dict.entries.set(key, value);
  }
  m.push(dict);
}

function recall(m: PickleMachine, key: number): void {
  const value = m.memo.get(key);
  if (value === undefined) throw pickleDamaged(m.at, `a value under ${key}`, 'none');
  m.push(value);
}

function pushName(m: PickleMachine): void {
  const { at } = m;
  const name = `${m.line()}.${m.line()}`;
  if (!m.names.has(name)) throw pickleRefused(at, name);
  m.push({ kind: 'name', name });
}

function pushCall(m: PickleMachine): void {
  const { items } = m.popNode('tuple');
  const { name } = m.popNode('name');
  const isDict = name === ORDERED_DICT && items.length === 0;
  m.push(isDict ? { kind: 'dict', entries: new Map() } : { kind: 'call', name, args: items });
}
