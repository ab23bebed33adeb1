/** What the page's `config.json` says of the service (lib/page-config.ts), beside its address. */
export interface Service {
  /** Whether users come from an identity provider. */
  provider?: boolean;
  /** Whether every user needs a password; absent, one can do without. */
  passwords?: 'required';
  /** Whether only the operator creates users; absent, anybody may register. */
  registration?: 'closed';
  /** The minimum length of a new password, in characters; absent, 1. */
  passwordLength?: number;
  /** Origins whose pictures are shown; absent, none are. */
  pictures?: readonly string[];
  /** Where a backend takes the browser's subscription for web push; absent, nobody pushes. */
  push?: string;
}
