import { asName, limits, setProfile } from '../../protocol/index.ts';
import { bestEffort } from '../after-commit.ts';
import type { Claims, Credential, Profile } from '../model.ts';
import type { Credentials, Profiles } from '../ports.ts';
import { userProfile } from '../profiles.ts';

interface Ports {
  credentials: Credentials;
  profiles: Profiles;
}

/**
 * Fills the profile of a user of the identity provider with what its token says of them, if that has changed since their
 * last login with such a token: what they have set themselves stays until then. Unchanged claims cost nothing. Best
 * effort: what is not written now is written at the next login, since the claims are noted last.
 */
export async function fillProfile(
  { credentials, profiles }: Ports,
  credential: Credential,
  claims: Claims,
): Promise<void> {
  if (credential.claims === claims.digest) return;
  const profile = profileIn(claims);
  const fill = async () => {
    if (Object.keys(profile).length > 0) await profiles.set(userProfile(credential.username), profile);
    await credentials.noteClaims(credential, claims.digest);
  };
  await bestEffort(fill());
}

/** What of the claims fits into a profile; an absent or unfit claim changes nothing. */
function profileIn({ name, picture }: Claims): Profile {
  const { display_name } = setProfile.request.safeParse({ display_name: fitted(name) }).data ?? {};
  const { avatar_url } = setProfile.request.safeParse({ avatar_url: picture }).data ?? {};
  return { ...(display_name && { name: display_name }), ...(avatar_url && { avatar: avatar_url }) };
}

const fitted = (name: string | undefined): string | undefined =>
  name && [...asName(name, ' ')].slice(0, limits.displayName).join('').trim();
