import { useLayoutEffect, useState } from 'preact/hooks';
import type { Model } from './model.ts';

/** Re-renders the component whenever the model changes. */
export function useModel(model: Model): Model {
  const [, setTick] = useState(0);
  useLayoutEffect(() => model.onChange(() => setTick((tick) => tick + 1)), [model]);
  return model;
}
