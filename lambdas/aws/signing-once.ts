interface Signing<S> {
  config: { signer: (scheme?: never) => Promise<S> };
}

/** Gives a client one signer for all its life, since it has one service in one region: the SDK would make one a call. */
export function signingOnce<C extends Signing<unknown>>(client: C): C {
  const { signer } = client.config;
  let made: ReturnType<typeof signer> | undefined;
  client.config.signer = (scheme) => {
    made ??= signer(scheme);
    return made;
  };
  return client;
}
