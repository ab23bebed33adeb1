import { createContext, useContext } from 'react';
import type { Model } from './model.ts';

export const ModelContext = createContext<Model | undefined>(undefined);

/** @throws Error outside of a provider */
export function useModel(): Model {
  const model = useContext(ModelContext);
  if (!model) throw new Error('There is no <ChatProvider> around this component.');
  return model;
}
