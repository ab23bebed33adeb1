/** The name of a group or of a registered user, before it is folded to lower case. */
export const NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/i;

/** The id of an identity provider's user. */
export const USER_ID = /^[!-~]{1,128}$/;

/** What the sender of a message of the service's own is called, for clients that don't look at `system`. Nobody may register it. */
export const SYSTEM_NAME = 'system';
