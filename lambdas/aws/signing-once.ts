interface Signing<S> {
  config: { signer: (scheme?: never) => Promise<S> };
}

/** Gives a client one signer for all calls, since it calls one service in one region. The SDK would create one per call. */
export function signingOnce<C extends Signing<unknown>>(client: C): C {
  const { signer } = client.config;
  let made: ReturnType<typeof signer> | undefined;
  client.config.signer = (scheme) => {
    made ??= signer(scheme);
    return made;
  };
  return client;
}
