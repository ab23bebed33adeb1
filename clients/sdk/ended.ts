/** Key under which the token of a logged-out session is kept until the service has ended the session. In no user's part, as ids are encoded. */
export const endedKey = (token: string): string => `=ended/${token}`;

/** Key that is set and removed when a user logs out, to tell other programs on the same store. In no user's part, too. */
export const loggedOutKey = (username: string): string => `=out/${encodeURIComponent(username)}`;
