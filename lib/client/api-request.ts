/** A request to the API and its response, independent of the transport. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute, or relative to the API's base URL. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Cancels the request. Over HTTP only. */
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  /** Keyed by lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type Transport = (request: ApiRequest) => Promise<ApiResponse>;
