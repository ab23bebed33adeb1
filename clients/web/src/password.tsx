import type { ComponentProps } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from './dialogs/field.tsx';
import type { Service } from './service.ts';

type FieldProps = ComponentProps<typeof Field>;

/** A field for a password, which can be shown. */
export function Password(props: FieldProps) {
  const [isShown, setIsShown] = useState(false);
  return (
    <Field
      {...props}
      type={isShown ? 'text' : 'password'}
      autoCapitalize="none"
      autoCorrect="off"
      spellcheck={false}
    >
      <button type="button" class="quiet small" aria-pressed={isShown} onClick={() => setIsShown(!isShown)}>
        Show<span class="hidden"> password</span>
      </button>
    </Field>
  );
}

/** A field for a new one, which says how long it has to be. */
export const NewPassword = ({
  service: { passwordLength = 1 },
  ...props
}: Omit<FieldProps, 'label'> & { service: Service }) => (
  <Password
    {...props}
    label="New password"
    hint={passwordLength > 1 ? `At least ${passwordLength} characters.` : ''}
    autoComplete="new-password"
  />
);
