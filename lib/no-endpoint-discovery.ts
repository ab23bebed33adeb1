/**
 * Stands in for the SDK's endpoint discovery in a bundle: no command of DynamoDB asks for it, and its cache is 8 KB.
 * These two are all that the client takes of it.
 */
export const resolveEndpointDiscoveryConfig = <T>(config: T): T => config;

export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: false,
};
