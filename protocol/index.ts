export type { BusEvent } from './bus-events.ts';
export {
  decodeId,
  encodeId,
  groupChat,
  groupOf,
  nameFor,
  peerOf,
  privateChat,
  usersOf,
} from './chat-id.ts';
export type { ReplyOf, RequestOf } from './command.ts';
export * from './commands/index.ts';
export { ChatError, codes, commonCodes, tooFast } from './errors.ts';
export type { ChatEvent, Ending } from './events.ts';
export { asUserId, groupNamed, isContent, type Users } from './fields.ts';
export { bytesOf, fitting, idBytes, pageThatFits, sizeOf, surplusOfNext } from './frame-size.ts';
export { limits } from './limits.ts';
export { oneLine } from './lines.ts';
export { loginFrames } from './login-frames.ts';
export { message, type WireMessage } from './messages.ts';
export { SYSTEM_NAME } from './name-form.ts';
export { pushes } from './pushes.ts';
export {
  checkFields,
  type Form,
  type Frame,
  parseObject,
  readFrame,
  readUnknown,
  requestId,
  usageOf,
} from './read.ts';
export { asName } from './shown-text.ts';
export {
  takesSeveral,
  writeEnding,
  writeEvent,
  writeFail,
  writePush,
  writePushes,
  writeReply,
} from './write.ts';
