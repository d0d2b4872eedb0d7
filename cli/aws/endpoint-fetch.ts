/**
 * A fetch that finds API Gateway's APIs at AWS_ENDPOINT_URL. Emulators have no host names for them; they respond under
 * a path, `/_aws/execute-api/ID/STAGE/...`. Requests to other addresses are unchanged.
 * @param api address of the deployed API
 */
export function endpointFetch(api: string, endpoint: string): typeof fetch {
  const { host } = new URL(api);
  const [id] = host.split('.');
  return (input, init) => {
    const request = new Request(input, init);
    const { host: asked, pathname, search } = new URL(request.url);
    if (asked !== host) return fetch(request);
    return fetch(new Request(new URL(`/_aws/execute-api/${id}/$default${pathname}${search}`, endpoint), request));
  };
}
