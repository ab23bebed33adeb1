/**
 * How to get a first user in, for whoever has just started the service.
 * @param context the settings that were given
 * @param admin how the admin tool is called here with such arguments
 */
export function firstSteps(
  context: Readonly<Record<string, string>>,
  url: string,
  admin: (args: string) => string,
): string {
  const isRequired = context.passwords === 'required';
  const password = isRequired ? ' PASSWORD' : '';
  const typed = `In another terminal: npx wscat -c ${url}
and then type:       `;
  if (context.jwtIssuer !== undefined) return `${typed}login TOKEN`;
  if (context.registration !== 'closed')
    return `${typed}register alice${password}
                     login alice${password}`;
  // Nobody can register: its operator creates the first user.
  const request = {
    type: 'create_user',
    username: 'alice',
    ...(isRequired && { password: 'PASSWORD' }),
  };
  return `To create a user:    ${admin(`call '${JSON.stringify({ request })}'`)}
${typed}login alice${password}`;
}
