/**
 * A fetch that finds API Gateway's APIs behind AWS_ENDPOINT_URL. Emulators have no names of their own for them: they answer under a path,
 * `/_aws/execute-api/ID/STAGE/...`. What is for any other address goes there.
 * @param api the API's address, as it is deployed
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
