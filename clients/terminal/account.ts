import { type Host, Refusal } from './host.ts';

/** Sets a new password, which is asked for twice. */
export async function newPassword(host: Host): Promise<void> {
  const answers = await host.askSecrets([
    'Your password now (just Enter if you have none): ',
    'The new password: ',
    'Once more: ',
  ]);
  if (!answers) throw new Refusal('Your password stays as it is.');
  const [old = '', fresh = '', again = ''] = answers;
  if (fresh === '') throw new Refusal('A password has at least one character. Yours stays as it is.');
  if (fresh !== again) throw new Refusal('These are not the same. Your password stays as it is.');
  await host.chat.request({
    type: 'change_password',
    ...(old !== '' && { old_password: old }),
    new_password: fresh,
  });
  host.tell(['Your password is changed. Your other devices are logged out.']);
}

/** Deletes the account, after its name and password were asked for, and forgets what is kept here. */
export async function deleteAccount(host: Host): Promise<void> {
  const { chat } = host;
  const answers = await host.askSecrets([
    `This deletes your account and what you wrote, for good. Your name, if you mean it: `,
    'Your password (just Enter if you have none): ',
  ]);
  const [name, password = ''] = answers ?? [];
  if (name !== chat.username) throw new Refusal('Your account stays.');
  await chat.request({ type: 'delete_account', ...(password !== '' && { password }) });
  await chat.logout();
}

export async function logOut(host: Host, word?: string): Promise<void> {
  if (word === undefined) return host.chat.logout();
  if (word !== 'everywhere') throw new Refusal('/logout, or /logout everywhere.');
  if (host.chat.state !== 'online' && !host.isPatient)
    throw new Refusal('You are offline. /logout works now, and your other devices stay logged in.');
  await host.chat.request({ type: 'logout', everywhere: true });
}
