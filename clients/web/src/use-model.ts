import { useEffect, useState } from 'preact/hooks';
import type { Model } from './model.ts';

/** Draws the component again whenever something in the model changed. */
export function useModel(model: Model): Model {
  const [, setTick] = useState(0);
  useEffect(() => model.onChange(() => setTick((tick) => tick + 1)), [model]);
  return model;
}
