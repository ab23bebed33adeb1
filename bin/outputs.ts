/** What stacks say of themselves: stack → output → value. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** As `aws cloudformation describe-stacks` prints it. */
interface Described {
  Stacks: readonly { StackName: string; Outputs?: readonly { OutputKey: string; OutputValue: string }[] }[];
}

/**
 * The outputs in a file that `cdk deploy --outputs-file` wrote, or `aws cloudformation describe-stacks`.
 * @throws SyntaxError if it is no JSON
 */
export function outputsIn(text: string): Outputs {
  const parsed = JSON.parse(text) as Outputs | Described;
  if (!isDescribed(parsed)) return parsed;
  return Object.fromEntries(
    parsed.Stacks.map(({ StackName, Outputs = [] }) => [
      StackName,
      Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    ]),
  );
}

// A stack may have any name, but no list of outputs.
const isDescribed = (parsed: Outputs | Described): parsed is Described => Array.isArray(parsed.Stacks);
