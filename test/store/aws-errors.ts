import {
  ConditionalCheckFailedException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ResourceNotFoundException,
  ThrottlingException,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

const said = (httpStatusCode: number) => ({
  message: 'as the service says it',
  $metadata: { httpStatusCode },
});

/** DynamoDB refuses a conditional write, and shows the item that stood against it if it was asked to. */
export const conditionFailed = (item?: Record<string, unknown>) =>
  new ConditionalCheckFailedException({ ...said(400), Item: item && marshall(item) });

/** DynamoDB failed; whether the write took effect is unknown. */
export const serverError = () => new InternalServerError(said(500));

/** All the ways in which DynamoDB says "later". */
export const throttles = [
  new ProvisionedThroughputExceededException(said(400)),
  new RequestLimitExceeded(said(400)),
  new ThrottlingException(said(400)),
];

/** A mistake of our own. */
export const noSuchTable = () => new ResourceNotFoundException(said(400));
