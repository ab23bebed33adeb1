/**
 * Stands in for the SDK's event streams in a bundle: neither DynamoDB nor the management API has any, and their
 * code is 20 KB. The SDK imports it when it meets such a shape, and only then does this throw.
 */
throw new Error('the bundles carry no event streams (lib/bundles.ts)');
