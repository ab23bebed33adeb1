export { type Code, ServerApiError } from './errors.ts';
export {
  type AsUser,
  type OperatorCommand,
  type OperatorReply,
  type OperatorRequest,
  type ServerApi,
  type ServerApiOptions,
  serverApi,
  type UserCommand,
  type UserReply,
  type UserRequest,
} from './server-api.ts';
