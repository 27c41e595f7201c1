import { createMemoryStore } from './memory-store.ts';
import { storeContract } from './store-contract.ts';

const store = createMemoryStore();
storeContract('the memory store', () => store);
