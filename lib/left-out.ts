const NO_DATES = `() => { throw new Error('the bundles read no dates (lib/left-out.ts)') }`;

// What the schemas of DynamoDB name, used or not.
const DYNAMO_ERRORS = `
  BackupInUseException BackupNotFoundException InternalServerError RequestLimitExceeded ThrottlingException
  InvalidEndpointException ProvisionedThroughputExceededException ResourceNotFoundException
  ItemCollectionSizeLimitExceededException ReplicatedWriteConflictException
  ContinuousBackupsUnavailableException LimitExceededException TableInUseException TableNotFoundException
  GlobalTableAlreadyExistsException ResourceInUseException TransactionConflictException
  PolicyNotFoundException ExportNotFoundException GlobalTableNotFoundException ImportNotFoundException
  DuplicateItemException IdempotentParameterMismatchException TransactionInProgressException
  ExportConflictException InvalidExportTimeException PointInTimeRecoveryUnavailableException
  ImportConflictException TableAlreadyExistsException InvalidRestoreTimeException
  ReplicaAlreadyExistsException ReplicaNotFoundException IndexNotFoundException
  ConditionalCheckFailedException TransactionCanceledException`
  .trim()
  .split(/\s+/);

/**
 * What a bundle does without: paths in `node_modules/`, and what stands in for each file. A Lambda never meets here what they
 * are for, and together they are 58 KB, or 92 with what tells browsers apart.
 */
export const leftOut: Readonly<Record<string, string>> = {
  // The endpoints of all partitions, as tables with an interpreter: 17 KB. Lambda says where it is.
  '@aws-sdk/client-dynamodb/dist-es/endpoint/endpointResolver.js': `export const defaultEndpointResolver =
    ({ Endpoint, Region }) => ({ url: new URL(Endpoint ?? 'https://dynamodb.' + Region + '.amazonaws.com') });`,
  '@aws-sdk/client-apigatewaymanagementapi/dist-es/endpoint/endpointResolver.js': `
    export const defaultEndpointResolver = ({ Endpoint }) => ({ url: new URL(Endpoint) });`,
  '@aws-sdk/client-sqs/dist-es/endpoint/endpointResolver.js': `export const defaultEndpointResolver =
    ({ Endpoint, Region }) => ({ url: new URL(Endpoint ?? 'https://sqs.' + Region + '.amazonaws.com') });`,
  '@aws-sdk/core/dist-es/submodules/client/util-endpoints/aws.js': 'export const awsEndpointFunctions = {};',
  // 35 classes that differ in their name; what an error brings is set from outside.
  '@aws-sdk/client-dynamodb/dist-es/models/errors.js': `
    import { DynamoDBServiceException as Base } from './DynamoDBServiceException';
    const of = (name) => class extends Base {
      static shapeId = 'com.amazonaws.dynamodb#' + name;
      name = name;
      constructor(options) {
        super({ name, $fault: 'client', ...options });
        Object.setPrototypeOf(this, new.target.prototype);
      }
    };
    ${DYNAMO_ERRORS.map((name) => `export const ${name} = of('${name}');`).join('\n')}`,
  // What only S3 has.
  '@smithy/core/dist-es/submodules/endpoints/middleware-endpoint/service-customizations/s3.js': `export const resolveParamsForS3 = async () => {};
    export const DOT_PATTERN = 0, S3_HOSTNAME_PATTERN = 0, isArnBucketName = 0, isDnsCompatibleBucketName = 0;`,
  '@smithy/core/dist-es/submodules/serde/util-stream/sdk-stream-mixin.js':
    'export const sdkStreamMixin = (stream) => stream;',
  // The other retry mode, which measures a rate of its own.
  '@smithy/core/dist-es/submodules/retry/util-retry/AdaptiveRetryStrategy.js': `export class AdaptiveRetryStrategy {
    constructor() { throw new Error('the bundles have no adaptive retries (lib/left-out.ts)') }
  }`,
  // ~/.aws/config, and EC2's metadata: neither is in a Lambda, which would look for the files at each start.
  '@smithy/core/dist-es/submodules/config/node-config-provider/fromSharedConfigFiles.js': `
    import { CredentialsProviderError } from '../property-provider/CredentialsProviderError';
    export const fromSharedConfigFiles = () => async () => { throw new CredentialsProviderError('no files') };`,
  '@smithy/core/dist-es/submodules/config/config-resolver/regionConfig/getInstanceMetadataRegion.js':
    'export const getInstanceMetadataRegion = async () => undefined;',
  // No field that is used here is a date, but for two in the answer to a look at a connection, in ISO 8601.
  '@smithy/core/dist-es/submodules/serde/date-utils.js': `export const dateToUtcString = ${NO_DATES};
    export const parseRfc3339DateTime = dateToUtcString, parseRfc3339DateTimeWithOffset = (text) => new Date(text),
      parseRfc7231DateTime = dateToUtcString, parseEpochTimestamp = dateToUtcString;`,
  '@smithy/core/dist-es/submodules/serde/schema-serde-lib/schema-date-utils.js': `export const _parseEpochTimestamp = ${NO_DATES};
    export const _parseRfc3339DateTimeWithOffset = _parseEpochTimestamp, _parseRfc7231DateTime = _parseEpochTimestamp;`,
  // Middleware for what nobody here reads: who calls, in a header; a line for a debugger; the chain of Lambdas that a
  // call is part of.
  '@aws-sdk/core/dist-es/submodules/client/middleware-user-agent/user-agent-middleware.js': `export const getUserAgentPlugin = () => ({ applyToStack() {} });
    export const userAgentMiddleware = 0, getUserAgentMiddlewareOptions = 0;`,
  '@aws-sdk/core/dist-es/submodules/client/middleware-logger/loggerMiddleware.js': `export const getLoggerPlugin = () => ({ applyToStack() {} });
    export const loggerMiddleware = 0, loggerMiddlewareOptions = 0;`,
  '@aws-sdk/core/dist-es/submodules/client/middleware-recursion-detection/getRecursionDetectionPlugin.js':
    'export const getRecursionDetectionPlugin = () => ({ applyToStack() {} });',
  // For the signatures of event streams.
  '@smithy/signature-v4/dist-es/HeaderFormatter.js': `export class HeaderFormatter {} export class Int64 {}`,
  // What the header would say. It imports all of node:process, whose streams are then opened.
  '@aws-sdk/core/dist-es/submodules/client/util-user-agent-node/defaultUserAgent.js': `
    export const createDefaultUserAgentProvider = () => async () => [];
    export const defaultUserAgent = createDefaultUserAgentProvider, crtAvailability = 0;`,
  // The length of a stream from a file, for which it imports all of node:fs.
  '@smithy/core/dist-es/submodules/serde/util-body-length/calculateBodyLength.js':
    "export const calculateBodyLength = (body) => typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;",
  // Collects what browsers have, too; and pipes each answer, though most have no body, into a stream made for it.
  '@smithy/core/dist-es/submodules/serde/util-stream/stream-collector.js': `
    export const streamCollector = (stream) => new Promise((done, fail) => {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk)).on('end', () => done(Buffer.concat(chunks))).on('error', fail);
    });`,
  // Tables of all bytes, for machines without Node's own.
  '@smithy/core/dist-es/submodules/serde/util-hex-encoding/hex-encoding.js': `
    export const fromHex = (text) => Buffer.from(text, 'hex');
    export const toHex = ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString('hex');`,
  // 34 KB that tell browsers from one another.
  '@aws-sdk/core/dist-es/submodules/client/util-user-agent-browser/createUserAgentStringParsingProvider.js':
    'export const createUserAgentStringParsingProvider = () => async () => [];',
  // What keeps apart invocations that share an environment, which none here do; Powertools looks for it where one asks for that.
  '@aws/lambda-invoke-store/dist-es/invoke-store.js': '',
  // A body that may be taken for a string, method by method.
  '@smithy/core/dist-es/submodules/protocols/json/codec-v2/JsonBytesStringAdapter.js': `
    export class JsonBytesStringAdapter extends Uint8Array {
      static allocUnsafe(bytes) {
        const { buffer, byteOffset, byteLength } = Buffer.allocUnsafe(bytes);
        return new JsonBytesStringAdapter(buffer, byteOffset, byteLength);
      }
    }`,
  // lambdas/log.ts has its own.
  '@aws-lambda-powertools/logger/lib/esm/formatter/PowertoolsLogFormatter.js':
    'export class PowertoolsLogFormatter {}',
  // How errors and times could be formatted: lambdas/log.ts gives it neither.
  '@aws-lambda-powertools/logger/lib/esm/formatter/LogFormatter.js': 'export class LogFormatter {}',
};
