import { describe } from 'vitest';
import { createLightStore } from '../rules/simulation/light-store.ts';
import { storeContract } from './store-contract.ts';

describe('the store of the simulations', () => {
  const store = createLightStore({ checked: true });
  storeContract(() => store);
});
