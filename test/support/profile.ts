/** What the deployment under test asks of its users, where that is not what a new one asks (CHAT_PROFILE, as JSON). */
interface Profile {
  passwords?: boolean;
}

const profile: Profile = JSON.parse(process.env.CHAT_PROFILE ?? '{}');

const PASSWORD = 'a long enough password';
// A line can have no spaces in a word.
const LINE_PASSWORD = PASSWORD.replaceAll(' ', '-');

/** Whether every user needs a password. */
const needsPasswords = profile.passwords === true;

/**
 * A frame as this deployment needs it: who registers or logs in by name alone does so with a password, always the same.
 * Whatever else is in a frame stays as it is.
 */
export function withCredentials(frame: string): string {
  if (!needsPasswords) return frame;
  const [, line] = /^((?:register|login) [\w.-]+)$/.exec(frame) ?? [];
  if (line !== undefined) return `${line} ${LINE_PASSWORD}`;
  const [, head] = /^(\{.*"type":"(?:register|login)".*)\}$/.exec(frame) ?? [];
  const isBare = head?.includes('"username":"') && !/"(password|session_token)":/.test(frame);
  return isBare ? `${head},"password":"${LINE_PASSWORD}"}` : frame;
}
