import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { MAX_RECEIVES, readMessage, writeMessage } from '../contracts/message-text.ts';
import type { Clock, Delivery, JobQueue } from '../ports.ts';
import { openDurableDatabase } from './durable-database.ts';
import { retryWhileBusy } from './sqlite.ts';

export interface SqliteQueueOptions {
  /** Created if needed, with its folder. Several processes may open it at once. */
  readonly file: string;
  readonly clock: Clock;
  /** Number of deliveries before a message becomes a dead letter. */
  readonly maxReceives?: number;
}

export interface SqliteQueue extends JobQueue {
  /** Makes each waiting `receive` return nothing, and closes the file. All other calls must have finished. */
  close(): void;
}

/** How often a waiting `receive` polls for messages of other processes. */
const LOOKS_EVERY_MS = 100;

/**
 * One row per message. Two columns define its state: it can be received from `visible_at` on (milliseconds since 1970),
 * until it has been received `maxReceives` times. Then it is a dead letter. `hidden_at` is when `visible_at` was set:
 * where that lies ahead, the clock was set back since, and the message does not wait for the clock to come to it again.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    visible_at INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0,
    receipt TEXT UNIQUE,
    hidden_at INTEGER NOT NULL DEFAULT 0
  ) STRICT`;
/** Processes of one machine read the same clock a little apart. */
const TOLERANCE_MS = 10_000;
const VISIBLE = `(visible_at <= $now OR hidden_at > $now + ${TOLERANCE_MS})`;
const READY = `${VISIBLE} AND receive_count < $maxReceives`;
const DEAD = `${VISIBLE} AND receive_count >= $maxReceives`;

const Received = z.object({ id: z.int(), body: z.string(), receipt: z.string(), receive_count: z.int() });
const Body = z.object({ body: z.string() });
const Count = z.object({ count: z.int() });

/** Opens a JobQueue in one SQLite file. Messages survive a crash of the process or the machine. */
export function openSqliteQueue({ file, clock, maxReceives = MAX_RECEIVES }: SqliteQueueOptions): SqliteQueue {
  const { database, synced, close } = openDurableDatabase(file, SCHEMA, { migrate: addHiddenAt });
  database.function('new_receipt', () => randomUUID());
  const sql = prepareStatements(database);
  const waiting = new Set<() => void>();

  const inSeconds = (seconds: number): number => clock.now().getTime() + Math.round(seconds * 1000);
  const state = () => ({ now: inSeconds(0), maxReceives });

  async function take(max: number, visibilitySeconds: number): Promise<Delivery[]> {
    // This query takes no lock, and most polls find nothing.
    if ((await retryWhileBusy(() => sql.look.get(state()))) === undefined) return [];
    const rows = await retryWhileBusy(() => sql.receive.all({ ...state(), max, visibleAt: inSeconds(visibilitySeconds) }));
    const received = z.array(Received).parse(rows);
    return received
      .sort((a, b) => a.id - b.id)
      .flatMap(({ body, receipt, receive_count }) => {
        const message = readMessage(body);
        return message === undefined ? [] : { message, receipt, receiveCount: receive_count };
      });
  }

  /** Waits until this process sends a message, the queue is closed, or the next poll is due. */
  function nextLook(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const poll = (): void => {
        clearTimeout(timer);
        waiting.delete(poll);
        resolve();
      };
      const timer = setTimeout(poll, Math.min(milliseconds, LOOKS_EVERY_MS));
      waiting.add(poll);
    });
  }

  function wake(): void {
    for (const poll of waiting) poll();
  }

  return {
    async send(message, { delaySeconds = 0 } = {}) {
      const body = writeMessage(message);
      await retryWhileBusy(() => sql.send.run({ body, now: inSeconds(0), visibleAt: inSeconds(delaySeconds) }));
      // The sync is separate from the commit, which would block the event loop. Only a send needs it immediately.
      await synced();
      wake();
    },

    async receive({ max, visibilitySeconds, waitSeconds = 0 }) {
      // The clock may be set meanwhile.
      const deadline = performance.now() + waitSeconds * 1000;
      while (database.isOpen) {
        const deliveries = await take(max, visibilitySeconds);
        const left = deadline - performance.now();
        if (deliveries.length > 0 || left <= 0) return deliveries;
        await nextLook(left);
      }
      return [];
    },

    async extend(receipt, visibilitySeconds) {
      await retryWhileBusy(() => sql.extend.run({ receipt, now: inSeconds(0), visibleAt: inSeconds(visibilitySeconds) }));
    },

    async acknowledge(receipt) {
      await retryWhileBusy(() => sql.acknowledge.run({ receipt }));
    },

    async deadLetters() {
      const rows = await retryWhileBusy(() => sql.deadLetters.all(state()));
      return z
        .array(Body)
        .parse(rows)
        .flatMap(({ body }) => readMessage(body) ?? []);
    },

    async redrive() {
      const { changes } = await retryWhileBusy(() => sql.redrive.run(state()));
      wake();
      return Number(changes);
    },

    maxReceives: async () => maxReceives,

    async size() {
      return Count.parse(await retryWhileBusy(() => sql.size.get(state()))).count;
    },

    close() {
      close();
      wake();
    },
  };
}

/** Adds the column that files of earlier versions lack. Those versions can still use a file that has it. */
function addHiddenAt(database: DatabaseSync): void {
  const columns = database.prepare("SELECT 1 FROM pragma_table_info('messages') WHERE name = 'hidden_at'");
  if (columns.get() !== undefined) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have been faster.
    if (columns.get() === undefined) database.exec('ALTER TABLE messages ADD COLUMN hidden_at INTEGER NOT NULL DEFAULT 0');
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    send: database.prepare('INSERT INTO messages (body, visible_at, hidden_at) VALUES ($body, $visibleAt, $now)'),
    look: database.prepare(`SELECT id FROM messages WHERE ${READY} LIMIT 1`),
    receive: database.prepare(`
      UPDATE messages SET receipt = new_receipt(), receive_count = receive_count + 1, visible_at = $visibleAt, hidden_at = $now
      WHERE id IN (SELECT id FROM messages WHERE ${READY} ORDER BY id LIMIT $max)
      RETURNING id, body, receipt, receive_count`),
    extend: database.prepare(
      'UPDATE messages SET visible_at = $visibleAt, hidden_at = $now WHERE receipt = $receipt AND visible_at > $now',
    ),
    acknowledge: database.prepare('DELETE FROM messages WHERE receipt = $receipt'),
    deadLetters: database.prepare(`SELECT body FROM messages WHERE ${DEAD} ORDER BY id`),
    redrive: database.prepare(
      `UPDATE messages SET receipt = NULL, receive_count = 0, visible_at = $now, hidden_at = $now WHERE ${DEAD}`,
    ),
    size: database.prepare(`SELECT count(*) AS count FROM messages WHERE NOT (${DEAD})`),
  };
}
