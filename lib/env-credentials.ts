import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for the SDK's chain of credential providers in a bundle: Lambda sets the environment, nothing else, and never
 * while a function runs, so it is read once.
 */
export const defaultProvider: typeof fromEnv = (init) => {
  const provider = fromEnv(init);
  let read: ReturnType<typeof provider> | undefined;
  return () => {
    read ??= provider();
    return read;
  };
};
