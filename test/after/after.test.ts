// One file, as they share one cloud, to which one of them gives a bad day.
import './no-secrets.ts';
import './unused-grants.ts';
