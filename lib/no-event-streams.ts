/**
 * Replaces the SDK's event streams (20 KB) in bundles, which neither DynamoDB nor the management API uses. The SDK would
 * import it, and fail here, only for a shape with a stream.
 */
throw new Error('the bundles carry no event streams (lib/bundles.ts)');
