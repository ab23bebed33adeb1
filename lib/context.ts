import type { Node } from 'constructs';

/** A value of the context, as in `cdk deploy -c key=value`, that makes no sense; the message is for who typed it. */
export class BadContext extends Error {
  override name = 'BadContext';
}

/** @throws BadContext if it is not so */
export function demand(isSo: boolean, message: string): asserts isSo {
  if (!isSo) throw new BadContext(message);
}

/** Whether something is asked for: `-c key=true`. @throws BadContext if the value is neither true nor false */
export function isAsked(node: Node, key: string, standard = false): boolean {
  const asked = String(node.tryGetContext(key) ?? standard);
  demand(['true', 'false'].includes(asked), `-c ${key}=${asked}: must be true or false`);
  return asked === 'true';
}

/** @param known every key of ours @throws BadContext for another that looks like one */
export function refuseUnknown(node: Node, known: readonly string[]): void {
  // The CDK's own have a colon.
  const strange = Object.keys(node.getAllContext()).find((key) => /^\w+$/.test(key) && !known.includes(key));
  demand(
    strange === undefined,
    `-c ${strange}=…: there is no such setting. There are: ${known.toSorted().join(', ')}`,
  );
}
