/** Replaces the SDK's endpoint discovery (8 KB) in bundles: no DynamoDB command uses it. The client imports only these two. */
export const resolveEndpointDiscoveryConfig = <T>(config: T): T => config;

export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: false,
};
