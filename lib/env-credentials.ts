import { fromEnv } from '@aws-sdk/credential-provider-env';

/** Stands in for the SDK's chain of credential providers in a bundle: Lambda sets the environment, nothing else. */
export const defaultProvider = fromEnv;
