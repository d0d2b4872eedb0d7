import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { GraphParameter } from '../../onnx/graph-builder.ts';
import type { OnnxDevice } from '../../onnx/onnx-session.ts';
import { openTensorSession, type TensorSession } from '../../onnx/tensor-session.ts';
import { classCount } from '../layers-model/model-shape.ts';
import type { Loss } from '../losses/loss.ts';
import { networkModel, writeNetwork } from './network-graph.ts';
import { threadsFor } from './threads-for.ts';

/** An open graph for evaluation, with the names of its outputs and weights. */
export interface Evaluation {
  readonly session: TensorSession;
  readonly parameters: readonly GraphParameter[];
  readonly logits: string;
  readonly loss: string;
}

/** The evaluation session of an engine: that of the network that evaluated last, so that only one holds memory. */
export interface EvaluationSession {
  /** Opens the session of a network with a loss, and closes the one before. @throws as writeNetwork */
  of(model: LayersModel, loss: Loss): Promise<Evaluation>;
  /** Closes the session if it is one of this network. */
  close(model: LayersModel): void;
}

/** Creates the holder of an engine's evaluation session. */
export function evaluationSession(device: OnnxDevice): EvaluationSession {
  let last: { readonly model: LayersModel; readonly loss: string; readonly opened: Promise<Evaluation> } | undefined;
  const closeLast = (): void => {
    last?.opened.then(({ session }) => session.close()).catch(() => {});
    last = undefined;
  };
  return {
    of(model, loss) {
      const name = JSON.stringify(loss);
      if (last?.model === model && last.loss === name) return last.opened;
      closeLast();
      last = { model, loss: name, opened: openEvaluation(model, loss, device) };
      return last.opened;
    },
    close(model) {
      if (last?.model === model) closeLast();
    },
  };
}

async function openEvaluation(model: LayersModel, loss: Loss, device: OnnxDevice): Promise<Evaluation> {
  const network = writeNetwork(model, loss);
  const written = networkModel(
    network,
    new Map([
      [network.logits, [null, classCount(model)]],
      [network.loss, []],
    ]),
  );
  const { parameters } = network.graph.written;
  const session = await openTensorSession(written, { ...threadsFor(model), device });
  return { session, parameters, logits: network.logits, loss: network.loss };
}
