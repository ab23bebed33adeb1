// One file, as they share one cloud, to which one of them gives a bad day; chaos has the other worker meanwhile.
import './no-secrets.ts';
import './unused-grants.ts';
