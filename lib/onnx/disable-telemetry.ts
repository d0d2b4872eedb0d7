/**
 * Disables the telemetry of ONNX Runtime, unless the user has set the variable. By default, the published builds write
 * an identifier of the machine and a database of events to the cache folder of the user, and send the events to
 * Microsoft. ONNX Runtime reads the variable from the environment of the process when it opens its first session. Worker
 * threads have only a copy of that environment, so the thread that starts one has to call this before.
 */
export function disableTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}
