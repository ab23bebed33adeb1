import { type help as command, commands, type ReplyOf, usageOf } from '../protocol/index.ts';

/** The commands of the text grammar, one per line. */
export const help = (): ReplyOf<typeof command> => ({
  lines: commands.filter((each) => 'text' in each).map((each) => `${usageOf(each)} - ${each.doc}`),
});
