import type { ComponentChildren, JSX } from 'preact';
import { useId } from '../use-id.ts';
import { Problem } from './dialog.tsx';

interface FieldProps extends Omit<JSX.HTMLAttributes<HTMLInputElement>, 'label'> {
  label: ComponentChildren;
  /** What it may hold, or what is said of it. */
  hint?: ComponentChildren;
  /** What is wrong with it. */
  problem?: string;
  onText?(text: string): void;
  /** Beside the field. */
  children?: ComponentChildren;
}

/** A labelled field, with what is wrong with it right below. */
export function Field({ label, hint, problem = '', onText, children, ...input }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-row">
        <input
          {...input}
          id={id}
          onInput={(event) => onText?.(event.currentTarget.value)}
          aria-invalid={problem !== ''}
          aria-describedby={`${id}-hint ${id}-problem`}
        />
        {children}
      </div>
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      <Problem id={`${id}-problem`} text={problem} />
    </div>
  );
}

/** The attributes of a field for a name of the service's, which keyboards must not change. */
export const asName = {
  autoCapitalize: 'none',
  autoCorrect: 'off',
  spellcheck: false,
  enterkeyhint: 'go',
} as const;
