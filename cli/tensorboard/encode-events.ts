import protobuf from 'protobufjs/light.js';
import { encodeRecords } from './encode-records.ts';

/** The messages of an event file, as far as Graft writes them (tensorflow/core/util/event.proto, summary.proto). */
const root = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: { fields: { value: { rule: 'repeated', type: 'Value', id: 1 } } },
    Value: {
      fields: {
        tag: { type: 'string', id: 1 },
        simpleValue: { type: 'float', id: 2 },
        tensor: { type: 'Tensor', id: 8 },
        metadata: { type: 'Metadata', id: 9 },
      },
    },
    Metadata: { fields: { pluginData: { type: 'PluginData', id: 1 }, dataClass: { type: 'int32', id: 4 } } },
    PluginData: { fields: { pluginName: { type: 'string', id: 1 } } },
    Tensor: {
      fields: {
        dtype: { type: 'int32', id: 1 },
        shape: { type: 'Shape', id: 2 },
        stringVal: { rule: 'repeated', type: 'bytes', id: 8 },
      },
    },
    Shape: { fields: {} },
  },
});
const eventType = root.lookupType('Event');

/** DataType.DT_STRING of a tensor, and DataClass.DATA_CLASS_TENSOR of its metadata. */
const DT_STRING = 7;
const DATA_CLASS_TENSOR = 2;

/** The scalars of one step, by tag, or texts. */
export interface BoardStep {
  readonly step: number;
  readonly scalars?: Readonly<Record<string, number>>;
  /** In Markdown. */
  readonly texts?: Readonly<Record<string, string>>;
}

/**
 * Encodes an event file of TensorBoard.
 * @param wallTime of all steps
 */
export function encodeEvents(steps: readonly BoardStep[], wallTime: Date): Uint8Array {
  const seconds = wallTime.getTime() / 1000;
  const encode = (event: object) => eventType.encode(eventType.fromObject({ wallTime: seconds, ...event })).finish();
  return encodeRecords([
    encode({ fileVersion: 'brain.Event:2' }),
    ...steps.map(({ step, scalars = {}, texts = {} }) =>
      encode({
        step,
        summary: {
          value: [
            ...Object.entries(scalars).map(([tag, simpleValue]) => ({ tag, simpleValue })),
            ...Object.entries(texts).map(([tag, text]) => textValue(tag, text)),
          ],
        },
      }),
    ),
  ]);
}

function textValue(tag: string, text: string): object {
  return {
    tag,
    tensor: { dtype: DT_STRING, shape: {}, stringVal: [Buffer.from(text)] },
    metadata: { pluginData: { pluginName: 'text' }, dataClass: DATA_CLASS_TENSOR },
  };
}
