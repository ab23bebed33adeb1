import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Replaces the SDK's credential provider chain in bundles. Lambda sets the credentials in the environment and never changes
 * them while an instance lives, so they are read once.
 */
export const defaultProvider: typeof fromEnv = (init) => {
  const provider = fromEnv(init);
  let read: ReturnType<typeof provider> | undefined;
  return () => {
    read ??= provider();
    return read;
  };
};
