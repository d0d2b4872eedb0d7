/** A request to the API and its answer, however they travel. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute, or relative to the API's address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface ApiResponse {
  readonly status: number;
  /** By lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type Transport = (request: ApiRequest) => Promise<ApiResponse>;
