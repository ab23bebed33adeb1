export type { ReplyOf, RequestOf } from './command.ts';
export * from './commands/index.ts';
export { ChatError, codes, commonCodes, tooFast } from './errors.ts';
export type { ChatEvent, Ending } from './events.ts';
export { limits } from './limits.ts';
export { oneLine } from './lines.ts';
export { message, pushes, type WireMessage } from './messages.ts';
export { checkFields, type Form, type Frame, parseObject, readFrame, requestId, usageOf } from './read.ts';
export { writeEnding, writeEvent, writeFail, writePending, writePush, writeReply } from './write.ts';
