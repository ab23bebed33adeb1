import { expect } from 'vitest';

/** RFC 3339, UTC, milliseconds. */
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
export const STAMP = expect.stringMatching(TIME);
export const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
/** A reason: words for a person, and never a stack. */
export const REASON = expect.stringMatching(/^[^\n]{5,200}$/);
