import { useEffect, useState } from 'preact/hooks';
import type { Model } from './model.ts';
import { Notifier } from './notifier.ts';

/** Notifies while the page is shown. */
export function useNotifier(model: Model): Notifier | undefined {
  const [notifier, setNotifier] = useState<Notifier>();
  useEffect(() => {
    const made = new Notifier(model);
    setNotifier(made);
    return () => made.stop();
  }, [model]);
  return notifier;
}
